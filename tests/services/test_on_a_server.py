"""What teams do together, with the rows on a PostgreSQL server: the tests of the file, asked again there."""

import pytest

from pdd_audit.services.workspace import open_workspace
from tests.services import test_rounds

opened = test_rounds.opened
test_a_round = test_rounds.test_a_round_goes_from_blind_answers_to_two_signatures_and_stays_as_it_was_signed
test_two_windows = test_rounds.test_nobody_covers_up_an_answer_given_elsewhere_under_the_same_name
test_a_travelling_log = test_rounds.test_the_log_travels_with_its_shop_says_that_it_arrived_and_goes_with_it


@pytest.fixture
def workspace(tmp_path, postgres_url):
    found = open_workspace(tmp_path, database=postgres_url)
    yield found
    found.state.close()
