"""From the rows of the ledger to the compact tables: Ibis expressions and the engines that run them."""
