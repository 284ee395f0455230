package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The rows of the door: each has a C name, which its Java name follows, and Javadoc that names the contexts that may
 * call it.
 */
class KernelCallsTest {

    private static final Path SOURCES = Path.of("src/main/java/ferrite/kernel/driver");
    private static final Pattern ROW = Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*@CName\\(\"(\\w+)\"\\)",
            Pattern.DOTALL);
    private static final Pattern CONTEXT = Pattern.compile("Any context|Task context|May sleep if the flags allow "
            + "it|Boot only|Probe of a driver at boot|Called in \\{@link Driver#link\\}");

    /**
     * All methods of the door but {@code memory()}, locals, which are no call in C, and the shorthand of devices by
     * name, which C does not have.
     */
    private static List<Method> rows() {
        List<Method> rows = new ArrayList<>();
        for (Method method : KernelCalls.class.getMethods()) {
            boolean byName = method.getName().startsWith("cdev") && method.getParameterCount() > 0
                    && method.getParameterTypes()[0] == String.class;
            if (!List.of("memory", "onStack").contains(method.getName()) && !byName) {
                rows.add(method);
            }
        }
        return rows;
    }

    private static String camelCase(String cName) {
        Matcher words = Pattern.compile("(?<=[a-z0-9])_([a-z0-9])")
                .matcher(cName.equals(cName.toUpperCase(java.util.Locale.ROOT))
                        ? cName.toLowerCase(java.util.Locale.ROOT) : cName);
        return words.replaceAll(word -> word.group(1).toUpperCase(java.util.Locale.ROOT));
    }

    @Test
    void everyRowHasACNameOfItsOwnThatItsJavaNameFollows() {
        TreeMap<String, Method> byName = new TreeMap<>();
        for (Method row : rows()) {
            CName name = row.getAnnotation(CName.class);
            assertThat(name).as(row.toString()).isNotNull();
            assertThat(byName.put(name.value(), row)).as("another row named " + name.value()).isNull();
            assertThat(row.getName()).isEqualTo(camelCase(name.value()));
        }
        assertThat(byName).containsKeys("kmalloc", "__get_free_pages", "spin_lock_irqsave", "dma_map_sg", "request_irq",
                "cdev_add", "DEFINE_PER_CPU");
    }

    @Test
    void everyRowSaysWhichContextsMayCallIt() throws IOException {
        int rows = 0;
        try (var files = Files.newDirectoryStream(SOURCES, "*Calls.java")) {
            for (Path file : files) {
                Matcher row = ROW.matcher(Files.readString(file));
                while (row.find()) {
                    rows++;
                    assertThat(CONTEXT.matcher(row.group(1).replaceAll("\\s*\\n\\s*\\*\\s*", " ")).find())
                            .as(file.getFileName() + ": " + row.group(2)).isTrue();
                }
            }
        }
        assertThat(rows).as("rows with Javadoc").isEqualTo(rows().size());
    }
}
