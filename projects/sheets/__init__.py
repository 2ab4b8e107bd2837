"""What a village's published pages, its notices and its open data all read: its sheet, and what moved each figure."""
