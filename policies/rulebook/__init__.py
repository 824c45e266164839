"""The institution's policy as data: networks, groups and ordered rules, and how they are read. Knows no request and no database."""
