self.SHELL = {{ shell|safe }};
importScripts("{{ script }}");
