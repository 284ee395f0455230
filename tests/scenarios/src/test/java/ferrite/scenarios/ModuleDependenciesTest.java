package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver in a jar that calls a function of a driver in another jar. */
@Machine(ram = "64M")
class ModuleDependenciesTest {

    private static final String MATHS = """
            import ferrite.kernel.base.TextTable;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Maths implements Driver {
                public interface Sum {
                    int sum(int a, int b);
                }
                public String name() { return "maths"; }
                public List<String> compatible() { return List.of(); }
                public void link(KernelCalls kernel, TextTable.Module text) {
                    kernel.exportSymbol(text, "maths_sum", (Sum) (a, b) -> a + b);
                }
            }
            """;

    private static final String CALC = """
            import ferrite.kernel.base.TextTable;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Calc implements Driver {
                private KernelCalls kernel;
                private Maths.Sum sum;

                public String name() { return "calc"; }
                public List<String> compatible() { return List.of(); }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    sum = text.importSymbol("maths_sum", Maths.Sum.class);
                }
                public int init() {
                    kernel.printk("calc: the sum of 2 and 3 is " + sum.sum(2, 3));
                    return 0;
                }
            }
            """;

    @TempDir
    private Path directory;

    @Test
    void aJarUsesAnotherOneWhichStaysLoaded(MachineRun run) throws IOException {
        Path maths = DriverJar.build(directory, "Maths", MATHS, "Maths");
        Path calc = DriverJar.build(directory, "Calc", CALC, "Calc", Map.of("maths", maths));
        run.type("insmod " + calc);
        assertThat(run.err()).endsWith("it depends on the driver maths, which is not loaded: load it first\n");
        run.forgetOutput().type("insmod " + maths, "insmod " + calc, "lsmod", "cat /proc/modules", "dmesg");
        assertThat(run.out()).contains("Module                  Size  Used by\n"
                + "calc                       0  0\nmaths                      0  1 calc\n")
                .containsPattern("calc 0 0 - Live 0xff8\\w+\nmaths 0 1 calc, Live 0xff8\\w+\n")
                .contains("calc: the sum of 2 and 3 is 5");
        assertThat(run.err()).isEmpty();
        run.forgetOutput().type("rmmod maths", "rmmod calc", "rmmod maths", "lsmod");
        assertThat(run.err()).isEqualTo("rmmod: ERROR: Module maths is in use by: calc\n");
        assertThat(run.out()).isEqualTo("Module                  Size  Used by\n");
        assertThat(run).hasNoViolations();
    }

    @Test
    void aManifestThatForgetsTheOtherDriverIsRefusedInASentence(MachineRun run) throws IOException {
        Path maths = DriverJar.build(directory, "Maths", MATHS, "Maths");
        DriverJar.build(directory, "Calc", CALC, "Calc", Map.of("maths", maths));
        Path forgetful = DriverJar.ofClasses(directory, "Calc", "Calc", Map.of());
        run.type("insmod " + maths, "insmod " + forgetful, "lsmod", "rmmod maths");
        assertThat(run.err()).endsWith("it needs the class Maths$Sum, which is not in its jar: name the driver that "
                + "has it in Ferrite-Depends of the manifest\n");
        assertThat(run.out()).doesNotContain("calc");
        assertThat(run.failedCommands()).isEqualTo(1);
    }
}
