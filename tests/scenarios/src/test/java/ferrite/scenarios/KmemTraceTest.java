package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kmem-trace}, which lists the allocations of a command. */
@Timeout(120)
class KmemTraceTest {

    @TempDir
    private Path directory;

    private Program.Ended run(String... words) throws Exception {
        return FerriteJar.run(directory, words);
    }

    @Test
    void theAllocationsAndFreesOfACommandAreListedWithTheirLines() throws Exception {
        Program.Ended ended = run("run", "--ram", "64M", "-c", "kmem-trace cat /proc/dma");
        assertThat(ended.status()).isZero();
        List<String> lines = ended.out().lines().toList();
        assertThat(lines).startsWith(" 2: disk", " 4: cascade");
        assertThat(lines).anyMatch(line -> line.matches("\\+ slab     0x[0-9a-f]{8} +56  filp  GFP_KERNEL\\|"
                + "__GFP_ZERO  Files.java:\\d+  task \\d+ 'kmem-trace' on hart \\d"));
        assertThat(lines).anyMatch(line -> line.matches("- slab     0x[0-9a-f]{8} +56  filp  Files.java:\\d+  .*"));
        assertThat(lines).anyMatch(line -> line.matches("slab: +\\d+ allocated \\(\\d+ bytes\\), \\d+ freed .*, "
                + "0 failed, 0 still held \\(0 bytes\\)"));
        assertThat(lines).anyMatch(line -> line.matches("page: +\\d+ allocated .*"));
    }

    @Test
    void theListIsBoundedAndTheSumsAreNot() throws Exception {
        Program.Ended ended = run("run", "--ram", "64M", "-c", "kmem-trace cat" + " /proc/dma".repeat(90));
        assertThat(ended.status()).isZero();
        String report = ended.out().substring(ended.out().lastIndexOf("... and "));
        assertThat(report).matches("(?s)\\.\\.\\. and \\d+ more events, counted below\npage: .*slab: .*vmalloc: .*");
    }

    @Test
    void memoryThatADriverStillHoldsIsNamedWithItsLine() throws Exception {
        Path jar = DriverJar.build(directory, "Keeper", """
                import ferrite.kernel.base.*;
                import ferrite.kernel.driver.*;
                import java.util.List;

                public final class Keeper implements Driver {
                    private KernelCalls kernel;
                    public String name() { return "keeper"; }
                    public List<String> compatible() { return List.of(); }
                    public void link(KernelCalls calls, TextTable.Module text) { kernel = calls; }
                    public int init() {
                        kernel.kmalloc(100, Gfp.GFP_KERNEL);
                        kernel.vmalloc(5000);
                        return 0;
                    }
                    public int probe(Device device) { return 0; }
                    public void remove(Device device) { }
                }
                """, "Keeper");
        Program.Ended ended = run("run", "--ram", "64M", "-c", "kmem-trace insmod " + jar);
        assertThat(ended.status()).isZero();
        assertThat(ended.out()).containsPattern("\\+ slab     0x[0-9a-f]{8} +100  kmalloc-128  GFP_KERNEL  "
                + "Keeper.java:11  ");
        // The kernel's record of the module's memory counts as well.
        assertThat(ended.out().lines()).contains("  held  Keeper.java:11  2 (132 bytes)",
                "  held  Keeper.java:12  1 (8192 bytes)");
    }

    @Test
    void asJsonItIsOneReportAndTheStatusIsTheCommands() throws Exception {
        Program.Ended ended = run("run", "--json", "--ram", "64M", "-c",
                "kmem-trace cat /proc/dma; kmem-trace; kmem-trace nonsense; kmem-trace kmem-trace zones");
        List<String> lines = ended.out().lines().toList();
        assertThat(lines.get(0)).startsWith("{\"command\":\"kmem-trace cat /proc/dma\",\"status\":0,\"result\":{"
                + "\"name\":\"kmem-trace\",\"events\":").contains("\"name\":\"slab\",\"allocated\":");
        assertThat(lines.get(1)).contains("\"status\":2").contains("a command is missing");
        assertThat(lines.get(2)).contains("\"status\":127").contains("nonsense: command not found");
        assertThat(lines.get(3)).contains("\"status\":2").contains("one trace at a time");
    }
}
