package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Json;
import ferrite.board.JsonSchema;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The schemas themselves. The tests of the front ends validate what these print. */
class JsonSchemasTest {

    @ParameterizedTest
    @EnumSource(JsonSchemas.class)
    void aSchemaIsCompleteAndHasItsName(JsonSchemas schema) {
        assertThat(Json.object(schema.json())).containsEntry("$id", "urn:ferrite:schema:" + schema.text())
                .containsEntry("title", schema.title())
                .containsEntry("$schema", "https://json-schema.org/draft/2020-12/schema");
        assertThat(JsonSchemas.of(schema.text())).isSameAs(schema);
        assertThat(JsonSchemas.of("nonsense")).isNull();
    }

    @Test
    void everyDefinitionIsUsed() {
        Set<String> unused = new LinkedHashSet<>(JsonSchema.of(JsonSchemas.RUN).unused());
        for (JsonSchemas schema : JsonSchemas.values()) {
            unused.retainAll(JsonSchema.of(schema).unused());
        }
        assertThat(unused).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "RUN    | {'command':'ls','status':0}                                    | result is missing",
        "RUN    | {'command':'ls','status':'0','result':''}                      | 0 is no [integer, null]",
        "RUN    | {'command':'ls','status':0,'result':{'x':1}}                   | name is missing",
        "RUN    | {'command':'ls','status':0,'result':'','more':1}               | more is not in the schema",
        "BOOT   | {'violation':{'rule':'double-free','summary':'','told':{},'when':{'tick':1}}} | again is missing",
        "BOOT   | {'end':{'status':300,'reason':''}}                             | 300 is more than 255",
        "REPORT | {'name':'x','children':[{}]}                                   | name is missing",
        "EVENT  | {'kind':'log','tick':1,'event':true,'facts':{}}                | true is no integer"})
    void aLineOfAnotherFormIsRefused(JsonSchemas schema, String line, String mistake) {
        assertThat(JsonSchema.of(schema).mistakes(Json.value(line.replace('\'', '"'))))
                .anyMatch(found -> found.endsWith(mistake));
    }
}
