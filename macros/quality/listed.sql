{# dbt must know what a model refers to before it has a graph, so the targets are listed in
   targets.sql, which `make docs` writes from the files of models/compare. A target that is not listed
   would write records that nothing counts: that is an error of the build. #}
{% macro every_target_is_listed() -%}
    {%- if execute and graph.nodes -%}
        {%- for node in compare_models() if node.name | replace('compare_', '', 1) not in write_targets() -%}
            {{ exceptions.raise_compiler_error(
                node.name ~ ' is not counted: run `make docs`, which adds it to macros/quality/targets.sql.') }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
