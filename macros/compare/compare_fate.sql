{# The order of these tests is the order in which a record is judged; each has exactly one fate. #}
{% macro _fate(writes) -%}
    case
        when
            p2c_deleted and p2c_is_there and not p2c_is_gone and not p2c_is_taken
            and p2c_filtered is null and p2c_reasons = '[]'
            and '{{ writes.on_delete | default("ignore") }}' <> 'ignore'
            then 'deactivate'
        when p2c_deleted or p2c_filtered is not null then 'filtered'
        when p2c_reasons <> '[]' then 'rejected'
        when p2c_blocked is not null then 'blocked'
        when not p2c_is_there then {{ "'create'" if 'create' in writes.operations else "'filtered'" }}
        {%- if 'update' not in writes.operations %}
        else 'identical'
        {%- else %}
        when held_names is not null then 'conflict'
        when has_changes or p2c_is_returned then 'update'
        else 'identical'
        {%- endif %}
    end
{%- endmacro %}

{% macro _detail(writes) -%}
    case
        when p2c_deleted and p2c_is_there and p2c_is_taken then 'gone at the source, and another record has its key'
        {%- if writes.on_delete | default('ignore') != 'ignore' %}
        when p2c_deleted and p2c_filtered is not null then p2c_filtered
        {%- endif %}
        when p2c_deleted then 'gone at the source (on_delete: {{ writes.on_delete | default("ignore") }})'
        when p2c_filtered is not null then p2c_filtered
        when p2c_reasons <> '[]' then p2c_reasons
        when p2c_blocked is not null then p2c_blocked
        when not p2c_is_there then {{ "cast(null as varchar)" if 'create' in writes.operations else "'not there, and this flow only updates'" }}
        {%- if 'update' in writes.operations %}
        when is_first_contact and held_names is not null
            then 'first contact, and on_first_contact is hold for ' || held_names
                || ': give it one value in both systems, or write overwrite, fill or keep (docs/keys.md, First contact)'
        when p2c_is_returned then 'it was deactivated when it was gone at the source, and is back'
        when is_first_contact then 'first contact: the two records never agreed on anything'
        when has_conflict and held_names is not null then 'both systems changed it since they last agreed: ' || held_names
        when has_drift and held_names is not null
            then 'changed in {{ writes.system }} since the systems last agreed, and on_drift is hold for ' || held_names
        when has_drift then 'changed in {{ writes.system }} since the systems last agreed (on_drift: {{ writes.on_drift | default("overwrite") }})'
        {%- else %}
        else '{{ _only_creates() }}'
        {%- endif %}
    end
{%- endmacro %}

{# Out of scope, or only created here: the target owns the record and may change it (G6, O1). #}
{% macro _is_drift(writes) -%}
    {%- if 'update' in writes.operations -%}
        coalesce(p2c_is_there and has_drift and not p2c_deleted and p2c_filtered is null, false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{# Already as `deactivate` would leave it; a record to delete is never "already gone" here. #}
{% macro _already_gone(writes) -%}
    {%- if writes.on_delete == 'deactivate' and writes.deactivate -%}
        coalesce({{ _held_as_left(writes) }}, false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
