{# How many source records the flow [[ flow ]] has, counted in staging: fates must add up to it. #}
{% macro source_rows_[[ target.system ]]__[[ flow ]]() -%}{{ rows_of(ref('[[ source.model ]]')) }}{%- endmacro %}
