package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Law 4: the host's locale and charset decide nothing. */
@Timeout(120)
class LocaleTest {

    private static final String LOCALE = Locale.class.getName();
    private static final String CHARSET = Charset.class.getName();

    /** Offset of {@code e_phnum} in an ELF32 header. */
    private static final int E_PHNUM = 44;

    @TempDir
    private Path directory;

    // ---- the rules ----

    @Test
    void everyFormatAndChangeOfCaseNamesItsLocale() {
        localeRule().check(MainClasses.ferrite());
    }

    @Test
    void everyConversionBetweenBytesAndTextNamesItsCharset() {
        charsetRule().check(MainClasses.ferrite());
    }

    private static ArchRule localeRule() {
        return ArchRuleDefinition.noClasses().should(new Uses("use the host's locale") {
            @Override
            boolean isFor(JavaCodeUnitAccess<?> access) {
                return usesHostLocale(access);
            }
        });
    }

    private static ArchRule charsetRule() {
        return ArchRuleDefinition.noClasses().should(new Uses("use the host's charset") {
            @Override
            boolean isFor(JavaCodeUnitAccess<?> access) {
                return usesHostCharset(access);
            }
        });
    }

    private static boolean usesHostLocale(JavaCodeUnitAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        if (owner.getPackageName().equals("java.text")
                || access.getTarget().getFullName().startsWith(LOCALE + ".getDefault(")) {
            return true;
        }
        boolean formats = switch (access.getName()) {
            case "format", "printf" -> isAny(owner, String.class, PrintStream.class, PrintWriter.class, Console.class);
            case "formatted", "toLowerCase", "toUpperCase" -> isAny(owner, String.class);
            case "<init>" -> isAny(owner, Formatter.class);
            default -> false;
        };
        return formats && !hasParameter(access, LOCALE);
    }

    private static boolean usesHostCharset(JavaCodeUnitAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        if (access.getTarget().getFullName().startsWith(CHARSET + ".defaultCharset(")) {
            return true;
        }
        if (access.getName().equals("<init>") && isAny(owner, FileReader.class, FileWriter.class)) {
            return !hasParameter(access, CHARSET);
        }
        boolean bytes = hasParameter(access, "[B") || hasParameter(access, "java.io.InputStream")
                || hasParameter(access, "java.io.OutputStream");
        boolean converts = switch (access.getName()) {
            case "getBytes" -> isAny(owner, String.class);
            case "toString" -> isAny(owner, ByteArrayOutputStream.class);
            case "<init>" -> bytes && isAny(owner, String.class, InputStreamReader.class, OutputStreamWriter.class,
                    PrintStream.class, PrintWriter.class, Scanner.class);
            default -> false;
        };
        return converts && !hasParameter(access, CHARSET) && !hasParameter(access, "java.lang.String");
    }

    private static boolean isAny(JavaClass owner, Class<?>... types) {
        return Stream.of(types).anyMatch(owner::isAssignableTo);
    }

    private static boolean hasParameter(JavaCodeUnitAccess<?> access, String type) {
        return access.getTarget().getRawParameterTypes().stream()
                .anyMatch(parameter -> parameter.getName().equals(type));
    }

    /** Calls of methods and constructors, and references to them. */
    private abstract static class Uses extends ArchCondition<JavaClass> {

        Uses(String description) {
            super(description);
        }

        abstract boolean isFor(JavaCodeUnitAccess<?> access);

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            type.getCodeUnitAccessesFromSelf().stream().filter(this::isFor)
                    .forEach(access -> events.add(SimpleConditionEvent.satisfied(access, access.getDescription())));
        }
    }

    /** Every way of asking for the host's locale, each in a method of its own. */
    @SuppressWarnings("unused")
    private static final class HostLocale {

        static String format() {
            return String.format("%d", 1);
        }

        static String formatted() {
            return "%d".formatted(1);
        }

        static void printStreamPrintf(PrintStream out) {
            out.printf("%d", 1);
        }

        static void printStreamFormat(PrintStream out) {
            out.format("%d", 1);
        }

        static void printWriterPrintf(PrintWriter out) {
            out.printf("%d", 1);
        }

        static void printWriterFormat(PrintWriter out) {
            out.format("%d", 1);
        }

        static void consolePrintf(Console console) {
            console.printf("%d", 1);
        }

        static void formatter() {
            new Formatter().close();
        }

        static void formatterOfText(StringBuilder text) {
            new Formatter(text).close();
        }

        static String lowerCase() {
            return "I".toLowerCase();
        }

        static String upperCase() {
            return "i".toUpperCase();
        }

        static UnaryOperator<String> reference() {
            return String::toUpperCase;
        }

        static BiFunction<String, Object[], String> referenceToFormat() {
            return String::format;
        }

        static String numberFormat() {
            return NumberFormat.getInstance(Locale.ROOT).format(1);
        }

        static Locale defaultLocale() {
            return Locale.getDefault();
        }
    }

    /** The same with a locale that is named. */
    @SuppressWarnings("unused")
    private static final class NamedLocale {

        static String allowed(PrintStream out, PrintWriter writer) {
            out.printf(Locale.ROOT, "%d", 1);
            out.format(Locale.ROOT, "%d", 1);
            writer.printf(Locale.ROOT, "%d", 1);
            new Formatter(Locale.ROOT).format("%d", 1).close();
            return String.format(Locale.ROOT, "%d", 1) + "i".toUpperCase(Locale.ROOT) + "I".toLowerCase(Locale.ROOT);
        }
    }

    /** The ways of asking for the host's charset. */
    @SuppressWarnings("unused")
    private static final class HostCharset {

        static byte[] encode() {
            return "ü".getBytes();
        }

        static String decode(byte[] bytes) {
            return new String(bytes);
        }

        static String decodePart(byte[] bytes) {
            return new String(bytes, 1, 2);
        }

        static String collected(ByteArrayOutputStream bytes) {
            return bytes.toString();
        }

        static InputStreamReader reader() {
            return new InputStreamReader(new ByteArrayInputStream(new byte[0]));
        }

        static OutputStreamWriter writer() {
            return new OutputStreamWriter(new ByteArrayOutputStream());
        }

        static FileReader fileReader() throws IOException {
            return new FileReader("name");
        }

        static FileWriter fileWriter() throws IOException {
            return new FileWriter("name");
        }

        static Scanner scanner() {
            return new Scanner(new ByteArrayInputStream(new byte[0]));
        }

        static PrintStream printStream() {
            return new PrintStream(new ByteArrayOutputStream(), true);
        }

        static ByteBuffer defaultCharset() {
            return Charset.defaultCharset().encode("ü");
        }
    }

    @Test
    void theRulesFindEveryVariant() {
        assertThat(originsOf(HostLocale.class, LocaleTest::usesHostLocale)).isEqualTo(methodsOf(HostLocale.class));
        assertThat(originsOf(NamedLocale.class, LocaleTest::usesHostLocale)).isEmpty();
        assertThat(originsOf(HostCharset.class, LocaleTest::usesHostCharset)).isEqualTo(methodsOf(HostCharset.class));
    }

    private static Set<String> originsOf(Class<?> type, Predicate<JavaCodeUnitAccess<?>> found) {
        return new ClassFileImporter().importClass(type).getCodeUnitAccessesFromSelf().stream().filter(found)
                .map(access -> access.getOrigin().getName()).collect(Collectors.toSet());
    }

    private static Set<String> methodsOf(Class<?> type) {
        return Stream.of(type.getDeclaredMethods()).map(Method::getName).collect(Collectors.toSet());
    }

    // ---- the process ----

    /** Persian and Egyptian Arabic have digits of their own, and in Turkish the capital of i has a dot. */
    private static final List<String> LOCALES =
            List.of("-Duser.language=ar -Duser.country=EG -Duser.extensions=u-nu-arab", "-Duser.language=tr");

    @TestFactory
    Stream<DynamicTest> theCommandSaysTheSameInEveryLocale() throws IOException {
        Files.write(directory.resolve("BAD.elf"), withoutProgramHeaders());
        return Stream.of(
                List.of("boot", "BAD.elf"),
                List.of("run", "--ram", "32M", "-c",
                        "cat /proc/buddyinfo /proc/meminfo /proc/interrupts; zones; slabs; dmesg; ps"),
                List.of("run", "--harts", "99")).map(words -> DynamicTest.dynamicTest(String.join(" ", words), () -> {
                    Program.Ended english = run("-Duser.language=en", words);
                    assertThat(english.out() + english.err()).containsPattern("[0-9]");
                    for (String locale : LOCALES) {
                        Program.Ended ended = run(locale, words);
                        assertThat(ended.err()).as(locale).isEqualTo(english.err());
                        assertThat(ended.out()).as(locale).isEqualTo(english.out());
                        assertThat(ended.status()).as(locale).isEqualTo(english.status());
                    }
                }));
    }

    /** The header of an ELF32 file for RISC-V, and nothing else that counts. */
    private static byte[] withoutProgramHeaders() throws IOException {
        byte[] image = Files.readAllBytes(Path.of("../../firmware-images/programs/images/crash-virt.elf"));
        image[E_PHNUM] = 0;
        image[E_PHNUM + 1] = 0;
        return image;
    }

    private Program.Ended run(String locale, List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(FerriteJar.command(words.toArray(String[]::new)));
        command.addAll(1, List.of(locale.split(" ")));
        return Program.start(directory, command).end();
    }
}
