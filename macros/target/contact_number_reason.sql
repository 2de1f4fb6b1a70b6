{# Reasons that lie in the number of a contact, the same for both flows of contacts (C3). #}
{% macro contact_number_reason(code) -%}
    {%- if code == 'no_number' -%}
        {{ reason('no_number', 'msdynce_contactnumber', 'contacts.full_name',
            "'The contact has no contact number: give it one in Sales.'",
            "contacts.matched_by = 'no number'") }}
    {%- elif code == 'duplicate_number' -%}
        {{ reason('duplicate_number', 'msdynce_contactnumber', 'contacts.contact_number',
            "'The number is also that of the ' || contacts.other_type || ' ' || contacts.other_contact_id
            || ': give one of the two another number in Sales.'",
            "contacts.matched_by = 'ambiguous'") }}
    {%- elif code == 'number_taken' -%}
        {{ reason('number_taken', 'msdynce_contactnumber', 'contacts.contact_number',
            "'F&O has a person of this number in ' || contacts.data_area_id || ', and a row of the seed key_overrides"
            " says that it is another: give the contact another number in Sales.'",
            "contacts.matched_by = 'denied'") }}
    {%- elif code == 'wrong_override' -%}
        {{ reason('wrong_override', 'key_overrides', 'contacts.contact_number',
            "'For this contact ' || contacts.override_problem || '.'", 'contacts.override_problem is not null') }}
    {%- elif code == 'might_be_known' -%}
        {{ reason('might_be_known', 'msdynce_contactnumber', 'contacts.contact_number',
            "'F&O has ' || contacts.might_be || ' of the same name, which came from Sales and which nobody is"
            " known to be: give this contact that number in Sales if it is the same person; if not, set externally"
            " maintained to No in F&O.'",
            "contacts.might_be is not null") }}
    {%- else -%}
        {{ reason('number_too_long', 'msdynce_contactnumber', 'contacts.contact_number',
            "'A party number in F&O has at most 20 characters: shorten the number in Sales.'",
            'length(contacts.contact_number) > 20') }}
    {%- endif -%}
{%- endmacro %}
