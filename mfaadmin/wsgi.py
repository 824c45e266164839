from django.core.wsgi import get_wsgi_application

from mfaadmin.starting import refuse_errors

application = get_wsgi_application()
refuse_errors()
