{# What the compare and changes models need to know of their target model, read from the graph:
   the columns declared in its YAML are the only list of columns there is. #}

{% macro node_named(name) -%}
    {%- for node in graph.nodes.values() if node.name == name and node.resource_type == 'model' -%}
        {{ return(node) }}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error('There is no model named ' ~ name ~ '.') }}
{%- endmacro %}

{# Columns of a target model that belong to the target system (not p2c_…), as
   [{name, staged, type, lookup, compare, null_means, sent_with, empty, and the policies that it has of its own}]. #}
{% macro target_columns(target_model) -%}
    {%- set found = [] -%}
    {%- for column in node_named(target_model).columns.values() if not column.name.startswith('p2c_') -%}
        {%- set meta = column.config.meta if column.config and column.config.meta else column.meta -%}
        {%- do found.append({
            'name': column.name,
            'staged': snake(column.name),
            'type': column.data_type,
            'compare': meta.get('compare', 'exact'),
            'null_means': meta.get('null_means', 'empty'),
            'sent_with': meta.get('sent_with'),
            'empty': meta.get('empty'),
            'filled_with': meta.get('filled_with'),
            'on_drift': meta.get('on_drift'),
            'on_conflict': meta.get('on_conflict'),
            'on_first_contact': meta.get('on_first_contact'),
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Those of them that are compared: not the key, and not what the target computes itself. #}
{% macro compared_columns_of(target_model, writes) -%}
    {{ return(target_columns(target_model) | rejectattr('name', 'in', writes.key)
        | rejectattr('compare', 'equalto', 'never') | list) }}
{%- endmacro %}

{# The models that compare a target with what its system holds, by name. #}
{% macro compare_models() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('compare_') -%}
        {%- do found.append(node) -%}
    {%- endfor -%}
    {{ return(found | sort(attribute='name')) }}
{%- endmacro %}
