package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes with the same file as a disk: one may write it, or both may read it. */
@Timeout(120)
class SharedDisksTest {

    private static final int UNUSABLE = 3;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeDisk() throws IOException {
        Disks.random(directory, "a.img", 64 << 10, 1);
    }

    private Program holding(String disk) throws Exception {
        Program holder = FerriteJar.start(directory, "run", "--ram", "32M", "--disk", disk);
        holder.type("echo ready");
        holder.awaitOut("ready\n");
        return holder;
    }

    private Program.Ended another(String disk) throws Exception {
        return FerriteJar.run(directory, "run", "--ram", "32M", "--disk", disk, "-c", "ls /dev/disk0");
    }

    @Test
    void aFileThatOneProcessWritesIsUnusableToOthersUntilItsEnd() throws Exception {
        try (Program writer = holding("a.img")) {
            writer.type("insmod ./a.img", "echo still", "echo ready").awaitOut("still\nready\n");
            assertThat(List.of(another("a.img"), another("a.img,ro"))).allSatisfy(refused -> {
                assertThat(refused.err()).isEqualTo("ferrite run: --disk: a.img is in use by another process; one "
                        + "process may write a disk's file, or several may read it (FILE,ro): wait for its end, or use "
                        + "a copy\n");
                assertThat(refused.status()).isEqualTo(UNUSABLE);
            });
            assertThat(writer.end().err()).as("reading it would have released the lock")
                    .isEqualTo("insmod: could not load module ./a.img: it is the file of a disk\n");
        }
        assertThat(another("a.img").status()).as("afterwards").isZero();
    }

    @Test
    void processesThatOnlyReadAFileShareItAndExcludeAWriter() throws Exception {
        try (Program reader = holding("a.img,ro")) {
            assertThat(FerriteJar.run(directory, "run", "--ram", "32M", "--disk", "a.img,ro", "--disk", "./a.img,ro",
                    "-c", "ls /dev/disk0 /dev/disk1").status()).as("twice, and in another process").isZero();
            assertThat(another("a.img").status()).isEqualTo(UNUSABLE);
            assertThat(reader.end().status()).isZero();
        }
    }
}
