"""Pages of campaigns, for administrators and for those who are asked."""
