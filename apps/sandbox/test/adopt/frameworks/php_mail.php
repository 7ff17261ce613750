<?php
// Runs the snippet of docs/adopt.md about PHP's own mail(), which hands the message to msmtp.
exit(mail('anne@example.net', 'Your order', 'Thank you.', 'From: Shop <hello@example.com>') ? 0 : 1);
