package ferrite.scenarios;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noConstructors;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import ferrite.kernel.base.DriverApi;
import ferrite.kernel.driver.CName;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The floors of the kernel, and the door between it and its drivers. */
class KernelArchitectureTest {

    private static final String KERNEL = "ferrite.kernel";
    private static final int MAX_ARGUMENTS = 6;

    /** The floors from the ground up; {@code ""} is the package of Kernel itself. A floor may use those before it. */
    private static final List<String> FLOORS = List.of("base", "log", "check", "shadow", "core", "sched", "work", "mm",
            "vm", "irq", "dma", "fs", "net", "block", "driver", "user", "", "monitor",
            "grammar", "shell", "symbols");

    /** What drivers may use of the hardware: loads and stores, and the place of their registers. */
    private static final List<String> HARDWARE_OF_DRIVERS = List.of("ferrite.hardware.turn.KernelMemory",
            "ferrite.hardware.turn.ReadableMemory", "ferrite.hardware.devicetree.Region");

    private static JavaClasses ferrite;

    @BeforeAll
    static void readEverything() {
        ferrite = MainClasses.ferrite();
    }

    private static String floorPackage(String floor) {
        return floor.isEmpty() ? KERNEL : KERNEL + "." + floor;
    }

    @Test
    void noPackagesOfTheKernelFormACycle() {
        slices().assignedFrom(new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().startsWith(KERNEL) ? SliceIdentifier.of(type.getPackageName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages of the kernel";
            }
        }).should().beFreeOfCycles().check(ferrite);
    }

    @TestFactory
    Stream<DynamicTest> aFloorUsesTheFloorsBelowItAndNoOther() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < FLOORS.size(); i++) {
            String own = floorPackage(FLOORS.get(i));
            List<String> allowed = FLOORS.subList(0, i + 1).stream().map(KernelArchitectureTest::floorPackage).toList();
            tests.add(DynamicTest.dynamicTest(own, () -> classes().that().resideInAPackage(own)
                    .should().onlyDependOnClassesThat(new DescribedPredicate<>("are below") {
                        @Override
                        public boolean test(JavaClass type) {
                            return !type.getPackageName().startsWith(KERNEL) || allowed.contains(type.getPackageName());
                        }
                    }).check(ferrite)));
        }
        return tests.stream();
    }

    @Test
    void everyPackageOfTheKernelIsAFloor() {
        assertThat(ferrite.stream().map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(KERNEL)).distinct().sorted())
                .containsExactlyElementsOf(FLOORS.stream().map(KernelArchitectureTest::floorPackage).sorted().toList());
    }

    /**
     * A record names its parts at the call of each accessor; for all others more arguments than six are a part that is
     * missing.
     */
    @Test
    void noConstructorTakesMoreThanSixArguments() {
        noConstructors().that().areDeclaredInClassesThat(resideInAPackage(KERNEL + "..")
                .and(DescribedPredicate.not(assignableTo(Record.class))))
                .should(new ArchCondition<JavaConstructor>("take more than " + MAX_ARGUMENTS + " arguments") {
                    @Override
                    public void check(JavaConstructor constructor, ConditionEvents events) {
                        int arguments = constructor.getParameters().size();
                        events.add(new SimpleConditionEvent(constructor, arguments > MAX_ARGUMENTS,
                                constructor.getDescription() + " takes " + arguments));
                    }
                }).check(ferrite);
    }

    // ---- the door ----

    private static boolean isDriverApi(JavaClass type) {
        JavaClass base = type.getBaseComponentType();
        return base.isPrimitive() || base.getPackageName().startsWith("java.") || base.isAnnotatedWith(DriverApi.class)
                || HARDWARE_OF_DRIVERS.contains(base.getName());
    }

    private static final DescribedPredicate<JavaClass> DRIVER_CODE = new DescribedPredicate<>("code of drivers") {
        @Override
        public boolean test(JavaClass type) {
            String name = type.getName().replaceFirst("\\$.*", "");
            return name.startsWith("ferrite.book.")
                    || name.startsWith("ferrite.peripherals.") && (name.endsWith("Driver") || name.endsWith("Layout"))
                    || name.startsWith("ferrite.board.corpus.Stor") || name.startsWith("ferrite.board.corpus.")
                            && name.endsWith("Stories");
        }
    };

    /** The observer of {@code ferrite matrix} fills zones and counts pages, which no driver of a device may. */
    private static boolean isObserver(JavaClass type) {
        return type.getName().equals("ferrite.board.matrix.MatrixDriver");
    }

    @Test
    void allDriversOfTheTreeAreSeenByTheseRules() {
        assertThat(ferrite.stream().filter(type -> type.isAssignableTo(Driver.class) && !type.isInterface()
                && !isObserver(type))).isNotEmpty().allMatch(DRIVER_CODE::test);
    }

    @Test
    void aDriverUsesNothingOfTheKernelButItsDoor() {
        classes().that(DRIVER_CODE).should().onlyDependOnClassesThat(
                new DescribedPredicate<>("are marked @DriverApi, or no part of the kernel and its memory") {
                    @Override
                    public boolean test(JavaClass type) {
                        return isDriverApi(type) || type.getPackageName().startsWith("ferrite.peripherals.")
                                || type.getPackageName().startsWith("ferrite.book")
                                || type.getPackageName().equals("ferrite.board.corpus");
                    }
                }).check(ferrite);
    }

    /** So a driver that begins with what it is given finds nothing else, however far it goes. */
    @Test
    void theDoorLeadsNowhereElse() {
        classes().that().areAnnotatedWith(DriverApi.class)
                .should(new ArchCondition<>("mention only types of the door in what is public") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        for (JavaMethod method : type.getMethods()) {
                            boolean open = type.isInterface() || method.getModifiers().contains(JavaModifier.PUBLIC);
                            Set<JavaClass> mentioned = new LinkedHashSet<>(method.getReturnType()
                                    .getAllInvolvedRawTypes());
                            method.getParameterTypes().forEach(each -> mentioned.addAll(each.getAllInvolvedRawTypes()));
                            mentioned.stream().filter(each -> open && !isDriverApi(each))
                                    .forEach(each -> events.add(SimpleConditionEvent.violated(method,
                                            method.getDescription() + " mentions " + each.getName())));
                        }
                        type.getFields().stream().filter(field -> field.getModifiers().contains(JavaModifier.PUBLIC))
                                .forEach(field -> field.getType().getAllInvolvedRawTypes().stream()
                                        .filter(each -> !isDriverApi(each))
                                        .forEach(each -> events.add(SimpleConditionEvent.violated(field,
                                                field.getDescription() + " mentions " + each.getName()))));
                    }
                }).check(ferrite);
    }

    @Test
    void everyCallOfTheDoorIsUsedByADriverOrATest() throws IOException {
        Set<String> unused = new TreeSet<>();
        for (Method row : KernelCalls.class.getMethods()) {
            if (row.isAnnotationPresent(CName.class)) {
                unused.add(row.getName());
            }
        }
        assertThat(unused).hasSizeGreaterThan(500);
        Pattern call = Pattern.compile("(?:\\.|::)(\\w+)");
        for (String root : List.of("../../kernel/src/test", "../../devices", "..")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    call.matcher(Files.readString(file)).results().forEach(found -> unused.remove(found.group(1)));
                }
            }
        }
        assertThat(unused).isEmpty();
    }
}
