package ferrite.scenarios;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows between the rooms, and the laws that byte code can show. */
class ArchitectureTest {

    /** Each room, and what it may depend on beside itself and the Java platform. */
    private record Room(String name, String... below) { }

    private static final List<Room> ROOMS = List.of(
            new Room("hardware", "org.apache.commons.lang3.."),
            new Room("firmware"),
            new Room("translator", "ferrite.hardware..", "org.objectweb.asm.."),
            new Room("debugport", "ferrite.hardware..", "io.netty..", "javax.net.ssl.."),
            new Room("console", "ferrite.hardware..", "org.jline.."),
            new Room("kernel", "ferrite.hardware..", "org.apache.commons.lang3.."),
            new Room("peripherals", "ferrite.hardware..", "ferrite.kernel.."),
            new Room("book", "ferrite.hardware..", "ferrite.kernel.."),
            new Room("board", "ferrite.hardware..", "ferrite.kernel..", "ferrite.peripherals..", "ferrite.book..",
                    "ferrite.translator..", "ferrite.debugport..", "ferrite.console..", "ferrite.firmware..",
                    "picocli..", "com.fasterxml.jackson.core..", "org.apache.commons.compress..", "javax.xml.stream.."),
            new Room("testkit", "ferrite.hardware..", "ferrite.kernel..", "ferrite.peripherals..", "ferrite.board..",
                    "org.junit..", "org.opentest4j..", "org.assertj..", "org.apiguardian.."));

    /**
     * Code that runs in virtual time, and must not know of the host's. Of the board, only the command line and its
     * streams do.
     */
    private static final DescribedPredicate<JavaClass> MACHINE =
            resideInAnyPackage("ferrite.hardware..", "ferrite.translator..", "ferrite.kernel..",
                    "ferrite.peripherals..", "ferrite.book..", "ferrite.board..", "ferrite.firmware..")
                    .and(not(resideInAnyPackage("ferrite.board.command..", "ferrite.board.stdio..")))
                    .as("run in virtual time");

    private static final DescribedPredicate<JavaClass> REGISTERS = simpleNameEndingWith("Registers").as("registers");
    private static final DescribedPredicate<JavaClass> DRIVERS = new DescribedPredicate<>("drivers") {
        @Override
        public boolean test(JavaClass type) {
            String outermost = outermost(type);
            return outermost.endsWith("Driver") || outermost.endsWith("Layout");
        }
    };
    private static final DescribedPredicate<JavaClass> MODELS = not(DRIVERS).and(not(REGISTERS)).as("models");

    private static JavaClasses ferrite;

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    @BeforeAll
    static void readEverything() {
        ferrite = MainClasses.ferrite();
    }

    @Test
    void everyClassIsInARoom() {
        String[] packages = ROOMS.stream().map(room -> "ferrite." + room.name() + "..").toArray(String[]::new);
        classes().should().resideInAnyPackage(packages).check(ferrite);
        for (String room : packages) {
            assertThat(ferrite.stream().anyMatch(resideInAPackage(room))).as("there are classes in " + room).isTrue();
        }
    }

    @TestFactory
    Stream<DynamicTest> aRoomDependsOnTheRoomsBelowItAndOnNoOther() {
        return ROOMS.stream().map(room -> DynamicTest.dynamicTest(room.name(), () -> {
            String own = "ferrite." + room.name() + "..";
            String[] allowed = Stream.concat(Stream.of(own, "java.."), Arrays.stream(room.below()))
                    .toArray(String[]::new);
            classes().that().resideInAPackage(own).should().onlyDependOnClassesThat(resideInAnyPackage(allowed)
                    .or(isPrimitiveOrArrayOfOne())).check(ferrite);
        }));
    }

    private static DescribedPredicate<JavaClass> isPrimitiveOrArrayOfOne() {
        return new DescribedPredicate<>("primitive") {
            @Override
            public boolean test(JavaClass type) {
                return type.getBaseComponentType().isPrimitive();
            }
        };
    }

    @Test
    void theBoardsPackagesFormNoCycle() {
        slices().matching("ferrite.board.(*)..").should().beFreeOfCycles().check(ferrite);
        noClasses().should().resideInAPackage("ferrite.board")
                .because("every class of the board is in one of its packages").check(ferrite);
    }

    /** A driver of the book's is read alone, with the parts of all. */
    @Test
    void noTwoDriversOfTheBookKnowEachOther() {
        slices().matching("ferrite.book.(*)..").should().notDependOnEachOther()
                .ignoreDependency(DescribedPredicate.alwaysTrue(),
                        resideInAnyPackage("ferrite.book.base..", "ferrite.book.quanta..")).check(ferrite);
    }

    @Test
    void noTwoDevicesKnowEachOther() {
        slices().matching("ferrite.peripherals.(*)..").should().notDependOnEachOther()
                // no devices: the media of disks, the terminal of serial ports, cables of network cards, and faults
                .ignoreDependency(DescribedPredicate.alwaysTrue(), resideInAnyPackage("ferrite.peripherals.medium..",
                        "ferrite.peripherals.net..", "ferrite.peripherals.tty..", "ferrite.peripherals.fault.."))
                .check(ferrite);
    }

    @Test
    void modelsKnowNoKernelAndNoDriver() {
        ArchRule rule = noClasses().that().resideInAPackage("ferrite.peripherals..")
                .and(MODELS.or(REGISTERS).as("are models or registers"))
                .should().dependOnClassesThat(resideInAPackage("ferrite.kernel..")
                        .or(resideInAPackage("ferrite.peripherals..").and(DRIVERS)));
        rule.check(ferrite);
    }

    /** Constants are inlined by the compiler: {@code Disk.COMPATIBLE} in a driver is not seen here, and need not be. */
    @Test
    void driversKnowTheirDevicesByTheirRegistersAlone() {
        noClasses().that().resideInAPackage("ferrite.peripherals..").and(DRIVERS)
                .should().dependOnClassesThat(resideInAPackage("ferrite.peripherals..").and(MODELS)).check(ferrite);
    }

    @Test
    void driversReachTheMachineThroughTheKernelAndItsMemory() {
        noClasses().that().resideInAPackage("ferrite.peripherals..").and(DRIVERS)
                .should().dependOnClassesThat().resideInAnyPackage("ferrite.hardware.bus..", "ferrite.hardware.dma..",
                        "ferrite.hardware.interrupt..", "ferrite.hardware.hart..", "ferrite.hardware").check(ferrite);
    }

    @Test
    void nothingIsWiredByAServiceLoader() {
        noClasses().should().dependOnClassesThat().areAssignableTo(java.util.ServiceLoader.class).check(ferrite);
    }

    /**
     * One thread builder that Java 17 does not know, the JDK's own access to memory, whose methods differ between JDKs,
     * drivers and models that a user brings, and the classes of a stack trace are found by name; JUnit shows the
     * testkit a test's parameters so.
     */
    @Test
    void nothingIsWiredByReflection() {
        noClasses().that().doNotHaveFullyQualifiedName("ferrite.hardware.turn.Strand")
                .and().doNotHaveFullyQualifiedName("ferrite.translator.RawPages")
                .and().doNotHaveFullyQualifiedName("ferrite.board.plug.JarCode")
                .and().doNotHaveFullyQualifiedName("ferrite.kernel.log.CallSite")
                .and().doNotHaveFullyQualifiedName("ferrite.board.command.WayOut")
                .and().resideOutsideOfPackage("ferrite.testkit")
                .should().dependOnClassesThat().resideInAPackage("java.lang.reflect..")
                .orShould(callOneOf("java.lang.Class", "forName", "getMethod", "getDeclaredMethod",
                        "getDeclaredConstructor", "newInstance", "getDeclaredField", "getField")).check(ferrite);
    }

    @Test
    void noStaticStateCanChange() {
        fields().that().areStatic().should().beFinal().check(ferrite);
        noFields().that().areStatic().should(haveARawTypeThatHoldsState()).check(ferrite);
    }

    /** A final reference to something that counts or caches is state too. */
    private static ArchCondition<com.tngtech.archunit.core.domain.JavaField> haveARawTypeThatHoldsState() {
        DescribedPredicate<JavaClass> holdsState = resideInAPackage("java.util.concurrent..")
                .or(assignableTo(ThreadLocal.class)).or(assignableTo(java.util.Random.class))
                .or(assignableTo(StringBuilder.class)).or(assignableTo(java.util.Collection.class).and(
                        not(assignableTo(List.class)).and(not(assignableTo(java.util.Set.class)))));
        DescribedPredicate<JavaClass> threadFactory = assignableTo(java.util.concurrent.ThreadFactory.class)
                .or(assignableTo(java.util.concurrent.TimeUnit.class));
        return new ArchCondition<>("hold what changes") {
            @Override
            public void check(com.tngtech.archunit.core.domain.JavaField field, ConditionEvents events) {
                boolean changes = holdsState.test(field.getRawType()) && !threadFactory.test(field.getRawType());
                events.add(new SimpleConditionEvent(field, changes, field.getDescription()));
            }
        };
    }

    @Test
    void theHostsClockDecidesNothing() {
        noClasses().that(MACHINE)
                .should(callOneOf("java.lang.System", "currentTimeMillis", "nanoTime", "identityHashCode"))
                .orShould(callOneOf("java.lang.Thread", "sleep"))
                .orShould().dependOnClassesThat().resideInAPackage("java.time..")
                .orShould().dependOnClassesThat().areAssignableTo(java.util.Date.class)
                .orShould().dependOnClassesThat().areAssignableTo(java.util.Timer.class).check(ferrite);
    }

    @Test
    void chanceComesFromTheSeed() {
        noClasses().that(MACHINE)
                .should().dependOnClassesThat(assignableTo(java.util.random.RandomGenerator.class))
                .orShould().dependOnClassesThat().areAssignableTo(java.util.UUID.class)
                .orShould(callOneOf("java.lang.Math", "random"))
                .orShould(callOneOf("java.util.Collections", "shuffle")).check(ferrite);
    }

    /** Their order changes from one run of the JVM to the next. */
    @Test
    void nobodyMakesASetOrMapWithoutAnOrder() {
        noClasses().that(MACHINE)
                .should(callOneOf("java.util.Set", "of", "copyOf"))
                .orShould(callOneOf("java.util.Map", "of", "copyOf", "ofEntries"))
                .orShould(callOneOf("java.util.stream.Collectors", "toSet", "toUnmodifiableSet", "toUnmodifiableMap"))
                .orShould().dependOnClassesThat().areAssignableTo(java.util.WeakHashMap.class).check(ferrite);
    }

    /** Threads that hold a lock while the turn is away would wait for each other. */
    @Test
    void nothingIsSynchronised() {
        com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods().that().areDeclaredInClassesThat(MACHINE)
                .should().haveModifier(JavaModifier.SYNCHRONIZED).check(ferrite);
        noClasses().that().resideInAnyPackage("ferrite.hardware..", "ferrite.kernel..", "ferrite.peripherals..",
                "ferrite.book..")
                .should().dependOnClassesThat().areAssignableTo(java.util.concurrent.locks.Lock.class).check(ferrite);
    }

    private static ArchCondition<JavaClass> callOneOf(String owner, String... names) {
        return new ArchCondition<>("call " + owner + "." + String.join(", ", names)) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getAccessesFromSelf().stream()
                        .filter(access -> access.getTargetOwner().getName().equals(owner)
                                && List.of(names).contains(access.getName()))
                        .forEach(access -> events.add(SimpleConditionEvent.satisfied(access, access.getDescription())));
                type.getMethodReferencesFromSelf().stream()
                        .filter(access -> access.getTargetOwner().getName().equals(owner)
                                && List.of(names).contains(access.getName()))
                        .forEach(access -> events.add(SimpleConditionEvent.satisfied(access, access.getDescription())));
            }
        };
    }
}
