"""How Django's forms are turned into the site's own fields."""

from django.forms.renderers import TemplatesSetting


class FrameRenderer(TemplatesSetting):
    """Lets {{ form }} and {{ field.as_field_group }} use the component templates (FORM_RENDERER)."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
