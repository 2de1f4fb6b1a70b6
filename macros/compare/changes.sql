{# The writes to do, out of a comparison: empty when the systems agree. #}
{% macro changes(compared) -%}
    {%- set writes = model.config.meta.writes if execute else {} -%}
    {%- set gone = writes.deactivate or {} -%}
select
    md5(concat_ws('|', target, fate, key_values, etag, before_image, after_image, agreement)) as change_id,
    flow,
    case fate when 'deactivate' then '{{ writes.on_delete | default("deactivate") }}' else fate end as operation,
    source_key,
    record_key,
    record_id,
    key_values,
    etag,
    case fate when 'create' then '[]' when 'deactivate' then '{{ tojson(gone.keys() | list) }}' else changed_columns end
        as changed_columns,
    case when fate = 'update'{{ " or fate = 'deactivate'" if writes.on_delete == 'deactivate' }} then before_image end as "before",
    case fate when 'deactivate' then '{{ tojson(gone) }}' else after_image end as "after",
    parents,
    is_drift,
    is_first_contact,
    case when fate = 'update' then agreement end as agreement
from {{ compared }}
where fate in ('create', 'update', 'deactivate')
{%- endmacro %}
