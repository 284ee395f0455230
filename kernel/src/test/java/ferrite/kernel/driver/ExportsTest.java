package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.dwarf.CPrototype;
import ferrite.hardware.hart.Gate;
import ferrite.kernel.base.TextTable;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The declarations in C, against the rows of the door. */
class ExportsTest {

    /** The types of C that a Java type may stand for. */
    private static final Map<Class<?>, String> TYPES = Map.of(void.class, "void", boolean.class, "bool",
            int.class, "int|size_t|gfp_t|dev_t|unsigned int|long|unsigned long", String.class, "const char \\*",
            TextTable.Module.class, "struct module \\*", long.class,
            "loff_t|unsigned long|unsigned long long|long long|size_t|"
                    + "phys_addr_t|dma_addr_t( \\*)?|callback_t|void \\*|struct \\w+ \\*");

    private static String typeInC(Class<?> type) {
        return TYPES.getOrDefault(type, "callback_t");
    }

    private static Map<String, Method> rows() {
        Map<String, Method> rows = new TreeMap<>();
        for (Method method : KernelCalls.class.getMethods()) {
            CName name = method.getAnnotation(CName.class);
            if (name != null) {
                rows.put(name.value(), method);
            }
        }
        return rows;
    }

    @Test
    void everyRowHasADeclarationWithTypesThatFitJavas() {
        Map<String, Method> rows = rows();
        for (Exports.Export export : Exports.all()) {
            CPrototype prototype = CPrototype.parse(export.declaration());
            Method row = rows.remove(prototype.name());
            assertThat(row).as(export.declaration()).isNotNull();
            assertThat(prototype.type()).as(export.declaration()).matches(typeInC(row.getReturnType()));
            List<Class<?>> types = List.of(row.getParameterTypes());
            assertThat(prototype.parameters()).as(export.declaration()).hasSameSizeAs(types);
            for (int i = 0; i < types.size(); i++) {
                assertThat(prototype.parameters().get(i).type()).as(export.declaration())
                        .matches(typeInC(types.get(i)));
            }
        }
        assertThat(rows.keySet()).as("calls without a declaration").isEmpty();
    }

    @Test
    void addressesAreInTheGateAndDoNotOverlap() {
        List<Exports.Export> exports = Exports.all();
        for (int i = 0; i < exports.size(); i++) {
            assertThat(exports.get(i).address()).isEqualTo(Gate.CALLS + (long) i * Exports.BYTES);
        }
        assertThat(exports.get(exports.size() - 1).address() + Exports.BYTES).isLessThanOrEqualTo(Gate.END);
    }
}
