package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import ferrite.board.options.BuiltInDrivers;
import ferrite.book.BookDrivers;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Field;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.symbols.KernelStructs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The layouts of all records of the kernel and its drivers. Struct itself refuses bad offsets, see StructTest. */
class LayoutsTest {

    /** Bytes that two fields share on purpose. */
    private static final Set<String> UNIONS = Set.of("page: lru, pcp_next", "page: slab_cache, virtual",
            "page: freelist, _mapcount", "page: counters, _pincount");

    private static final Pattern STRUCT_NAME = Pattern.compile("struct (\\w+)");

    private static final List<String> STRUCTURED = List.of("ferrite.kernel", "ferrite.peripherals", "ferrite.book");
    private static final List<JavaClass> CLASSES = new ArrayList<>();
    private static final Map<String, Struct> STRUCTS = new TreeMap<>();

    @BeforeAll
    static void findAll() throws ReflectiveOperationException {
        MainClasses.ferrite().stream().filter(type -> STRUCTURED.stream().anyMatch(type.getPackageName()::startsWith))
                .forEach(CLASSES::add);
        for (Struct struct : constants(Struct.class)) {
            assertThat(STRUCTS.put(struct.name(), struct)).as("a second struct " + struct.name()).isNull();
        }
    }

    /** The static fields of all classes that have a type. */
    private static <T> List<T> constants(Class<T> wanted) throws ReflectiveOperationException {
        List<T> constants = new ArrayList<>();
        for (JavaClass type : CLASSES) {
            for (JavaField field : type.getFields()) {
                if (field.getRawType().isAssignableTo(wanted) && field.getModifiers().contains(JavaModifier.STATIC)) {
                    java.lang.reflect.Field reflected = field.reflect();
                    reflected.setAccessible(true);
                    constants.add(wanted.cast(reflected.get(null)));
                }
            }
        }
        return constants;
    }

    private static List<Field> fields() {
        return STRUCTS.values().stream().flatMap(struct -> struct.fields().stream()).toList();
    }

    @Test
    void everyLayoutClassDeclaresItsStruct() {
        assertThat(CLASSES.stream().filter(type -> type.getSimpleName().endsWith("Layout"))).hasSizeGreaterThan(30)
                .allMatch(type -> type.tryGetField("STRUCT").isPresent());
    }

    @Test
    void debuggersAreToldOfEveryStruct() {
        List<Driver> drivers = BuiltInDrivers.create();
        BookDrivers.names().forEach(name -> drivers.add(BookDrivers.create(name)));
        assertThat(KernelStructs.all(drivers)).containsExactlyInAnyOrderElementsOf(STRUCTS.values());
    }

    @Test
    void noFieldIsDeclaredOutsideAStructOrTwice() throws ReflectiveOperationException {
        assertThat(constants(Field.class)).containsExactlyInAnyOrderElementsOf(fields());
    }

    @Test
    void namesAreNamesOfC() {
        assertThat(STRUCTS.keySet()).allMatch(name -> name.matches("[a-z_][a-z0-9_]*"));
        assertThat(fields()).allMatch(field -> field.name().matches("[a-z_][a-z0-9_]*"));
    }

    @Test
    void aStructHasFields() {
        assertThat(STRUCTS.values()).isNotEmpty().noneMatch(struct -> struct.fields().isEmpty());
    }

    @Test
    void fieldsShareBytesOnlyInUnions() {
        Set<String> shared = new HashSet<>();
        for (Struct struct : STRUCTS.values()) {
            List<Field> fields = struct.fields();
            for (int i = 0; i < fields.size(); i++) {
                for (Field other : fields.subList(i + 1, fields.size())) {
                    if (fields.get(i).offset() < other.end() && other.offset() < fields.get(i).end()) {
                        shared.add(struct.name() + ": " + fields.get(i).name() + ", " + other.name());
                    }
                }
            }
        }
        assertThat(shared).isEqualTo(UNIONS);
    }

    @Test
    void aRecordInsideARecordIsOfItsSize() {
        for (Field field : fields()) {
            if (field instanceof Embedded inner) {
                assertThat(STRUCTS).containsKey(inner.struct());
                assertThat(inner.width()).as(inner.name()).isEqualTo(STRUCTS.get(inner.struct()).size());
            }
        }
    }

    @Test
    void aPointerPointsToARecordThatHasALayout() {
        for (Field field : fields()) {
            if (field instanceof Pointer pointer) {
                Matcher target = STRUCT_NAME.matcher(pointer.target());
                if (target.find()) {
                    assertThat(STRUCTS).as(pointer.name()).containsKey(target.group(1));
                } else {
                    assertThat(pointer.target()).as(pointer.name()).isIn("void", "void *", "char", Pointer.FUNCTION);
                }
            }
        }
    }
}
