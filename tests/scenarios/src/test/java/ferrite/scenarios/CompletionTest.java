package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.CommandCompletion;
import ferrite.hardware.Machine;
import ferrite.testkit.MachineRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completions of a half-typed command, on a machine that waits for the line. */
class CompletionTest {

    @TempDir
    private Path directory;
    private MachineRun run;
    private final ExecutorService reader = Executors.newSingleThreadExecutor();

    @BeforeEach
    void boot() throws Exception {
        run = MachineRun.start(new BoardOptions().ram(32 << 20).harts(2)
                .readOnlyDisk(Disks.random(directory, Disks.PIECE)));
    }

    @AfterEach
    void close() {
        reader.shutdownNow();
        run.close();
    }

    /** Returns the completions. This thread takes the place of the machine's thread, which serves one request. */
    private List<String> after(String words, String word) throws Exception {
        CommandCompletion completion = new CommandCompletion(run.board());
        Callable<List<String>> question = () ->
                completion.complete(words.isEmpty() ? List.of() : List.of(words.split(" ")), word);
        Future<List<String>> answer = reader.submit(question);
        run.board().machine().turn().posts().serveOne();
        return answer.get();
    }

    @Test
    void theFirstWordIsACommand() throws Exception {
        assertThat(after("", "")).contains("cat", "dd", "sha256sum", "wait", "kill", "info", "x", "dma",
                "zones", "help").doesNotContain("info registers")
                .doesNotHaveDuplicates();
        assertThat(after("help", "")).contains("cat", "info", "zones");
    }

    @Test
    void aCommandOfTwoWordsHasASecond() throws Exception {
        assertThat(after("info", "")).containsExactly("break", "csrs", "halt", "mem", "registers", "tlb",
                "triggers");
        assertThat(after("info registers", "")).containsExactly("0", "1");
    }

    @Test
    void pathsAreTheMachines() throws Exception {
        assertThat(after("cat", "")).containsExactly("/dev/", "/proc/");
        assertThat(after("sha256sum", "/dev/")).contains("/dev/disk0", "/dev/console");
        assertThat(after("cat /proc/zoneinfo", "/proc/b")).contains("/proc/buddyinfo");
        assertThat(after("hexdump", "")).contains("-C");
        assertThat(after("sha256sum", "-")).contains("-j");
        assertThat(after("true", "x")).isEmpty();
        assertThat(after("echo x >", "/dev/")).contains("/dev/console");
    }

    @Test
    void operandsAreThoseThatAreNotTypedYet() throws Exception {
        assertThat(after("dd", "")).containsExactlyInAnyOrder("if=", "of=", "bs=", "ibs=", "obs=", "count=", "skip=",
                "seek=", "conv=", "iflag=", "oflag=", "status=");
        assertThat(after("dd if=/dev/disk0 bs=1", "")).containsExactlyInAnyOrder("of=", "ibs=", "obs=", "count=",
                "skip=", "seek=", "conv=", "iflag=", "oflag=", "status=");
        assertThat(after("dd", "if=/dev/d")).contains("if=/dev/disk0");
        assertThat(after("dd", "of=")).contains("of=/dev/", "of=/proc/");
    }

    @Test
    void driversAreJarsOnTheHostAndNamesInTheMachine() throws Exception {
        Path jar = DriverJar.build(directory, "Small", """
                import ferrite.kernel.base.*;
                import ferrite.kernel.driver.*;
                import java.util.List;

                public final class Small implements Driver {
                    public String name() { return "small"; }
                    public List<String> compatible() { return List.of(); }
                    public void link(KernelCalls kernel, TextTable.Module text) { }
                    public int probe(Device device) { return 0; }
                    public void remove(Device device) { }
                }
                """, "Small");
        Files.createDirectory(directory.resolve("sub"));
        assertThat(after("insmod", directory + "/")).contains(jar.toString(), directory + "/sub/")
                .noneMatch(name -> name.endsWith(".img"));
        assertThat(after("insmod", directory + "/nowhere/")).isEmpty();
        assertThat(after("insmod", "")).contains("scull", "jit");
        assertThat(after("rmmod", "")).isEmpty();
        run.type("insmod " + jar);
        assertThat(after("rmmod", "")).containsExactly("small");
        assertThat(after("kill", "")).contains("-INT", "1");
    }

    @Test
    void askingChangesNothing() throws Exception {
        Machine.Digest before = run.digest();
        for (String words : List.of("", "cat", "dd", "info", "rmmod", "kill", "insmod", "nothing at all")) {
            after(words, "");
        }
        assertThat(run.digest()).isEqualTo(before);
    }

    @Test
    void bashCompletesCommandsAndOptionsOfFerrite() throws Exception {
        Tools.need("bash");
        Files.write(directory.resolve("script"), Program.start(directory, FerriteJar.command("completion", "bash"))
                .end()
                .bytes());
        assertThat(Tools.text(directory, "bash", "-c", """
                source ./script
                COMP_WORDS=(ferrite run --ha) COMP_CWORD=2
                _complete_ferrite 2> /dev/null
                echo "${COMPREPLY[@]}"
                COMP_WORDS=(ferrite bo) COMP_CWORD=1
                _complete_ferrite 2> /dev/null
                echo "${COMPREPLY[@]}"
                """)).isEqualTo("--halt --harts\nboot\n");
    }
}
