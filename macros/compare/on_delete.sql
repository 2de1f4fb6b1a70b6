{# The deletion policy of a flow is a setting (G7); a target takes those of its `operations`. #}
{% macro check_on_delete(flow, writes) -%}
    {%- set policy = writes.on_delete | default('ignore') -%}
    {%- set offered = ['ignore'] -%}
    {%- if 'deactivate' in writes.operations and writes.deactivate %}{% do offered.append('deactivate') %}{% endif -%}
    {%- if 'delete' in writes.operations %}{% do offered.append('delete') %}{% endif -%}
    {%- if policy not in offered -%}
        {{ exceptions.raise_compiler_error(
            'on_delete of the flow ' ~ flow ~ ' is ' ~ policy ~ ', but ' ~ writes.system ~ '.' ~ writes.entity_set
            ~ ' takes ' ~ offered | join(' or ') ~ ': write one of them for the setting on_delete_' ~ flow
            ~ ' in dbt_project.yml.') }}
    {%- endif -%}
{%- endmacro %}
