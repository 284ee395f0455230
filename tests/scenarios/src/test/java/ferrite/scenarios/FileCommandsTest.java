package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands {@code dd}, {@code ls} and {@code sync} with the words and statuses of coreutils. */
@Timeout(60)
class FileCommandsTest {

    private static final String NOTHING = "0+0 records in\n0+0 records out\n";

    @TempDir
    private Path directory;
    private Path disk;

    @BeforeEach
    void fillRootAndDisk() throws IOException {
        Files.createDirectories(directory.resolve("root/d/e"));
        Files.writeString(directory.resolve("root/d/abc"), "abc");
        Files.writeString(directory.resolve("root/d/e/f"), "");
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) 'x');
        disk = Files.write(directory.resolve("disk"), bytes);
    }

    private BoardOptions options() {
        return new BoardOptions().ram(64 << 20).harts(1).root(directory.resolve("root")).disk(disk);
    }

    /** Returns standard error without the lines about the speed. */
    private static String err(Run run) {
        return run.err().replaceAll("(?m)^\\d+ bytes copied.*\\n", "");
    }

    @Test
    void ddSaysThatItCannotSkipToAPlacePastTheEndAndCopiesNothing() throws IOException {
        Run run = Run.of(options(), "dd if=/d/abc bs=2 skip=2 && echo done", "cat /d/abc | dd bs=2 skip=2",
                "dd if=/dev/disk0 skip=9", "dd if=/d/abc bs=3 skip=1", "dd if=/d/abc bs=2 skip=2 status=none");
        assertThat(err(run)).isEqualTo("dd: /d/abc: cannot skip to specified offset\n" + NOTHING
                + "dd: 'standard input': cannot skip to specified offset\n" + NOTHING
                + "dd: /dev/disk0: cannot skip: Invalid argument\n" + NOTHING + NOTHING);
        assertThat(run.out()).isEqualTo("done\n");
        assertThat(run.status()).as("the failed skip of a disk").isEqualTo(1);
    }

    @Test
    void ddCountsInBytesAndPadsBlocks() throws IOException {
        Run run = Run.of(options(), "dd if=/d/abc bs=2 count=3 skip=1 iflag=count_bytes,skip_bytes status=noxfer",
                "dd if=/d/abc of=/dev/disk0 bs=4 seek=510 conv=sync,notrunc,fsync oflag=seek_bytes status=none",
                "dd if=/dev/disk0 bs=2 skip=254 count=4 | hexdump -C");
        assertThat(run.out()).startsWith("bc00000000  78 78 61 62 63 00 78 78 ");
        assertThat(run.err()).startsWith("1+0 records in\n1+0 records out\n4+0 records in\n");
    }

    /** The second block is a bad one. */
    @ParameterizedTest
    @CsvSource({"noerror, 3+0, 3+0, false", "'noerror,sync', 3+1, 4+0, true"})
    void ddGoesOnAfterAReadError(String conversions, String in, String out, boolean zeros) throws IOException {
        byte[] bytes = new byte[4 * 4096];
        new Random(1).nextBytes(bytes);
        Files.write(disk, bytes);
        BoardOptions options = options().parameter("disk.readahead", "0");
        MachineOptions.set(options, "--fault", "disk=error@2");
        Run run = Run.of(options, "dd if=/dev/disk0 bs=4K conv=" + conversions);
        assertThat(err(run)).isEqualTo("dd: error reading '/dev/disk0': Input/output error\n"
                + "1+0 records in\n1+0 records out\n" + in + " records in\n"
                + out + " records out\n");
        ByteBuffer expected = ByteBuffer.allocate(zeros ? 4 * 4096 : 3 * 4096).put(bytes, 0, 4096);
        expected.position(zeros ? 8192 : 4096).put(bytes, 8192, 8192);
        assertThat(run.bytes()).isEqualTo(expected.array());
        assertThat(run.status()).as("as of GNU dd 9.1").isZero();
    }

    @Test
    void ddRefusesWhatItDoesNotKnowByName() throws IOException {
        Run run = Run.of(options(), "dd if=/d/abc conv=notrunc,ebcdic", "dd if=/d/abc iflag=direct",
                "dd if=/d/abc oflag=fullblock", "dd if=/d/abc status=some", "dd if=/d/abc cbs=1", "dd if=/d/abc bs=0");
        assertThat(run.err()).isEqualTo("""
                dd: invalid conversion: 'ebcdic'; known here: fdatasync fsync nocreat noerror notrunc sync
                dd: invalid input flag: 'direct'; known here: count_bytes fullblock nonblock skip_bytes
                dd: invalid output flag: 'fullblock'; known here: append nonblock seek_bytes
                dd: invalid status level: 'some'; known here: none noxfer progress
                dd: unrecognized operand 'cbs=1'; known here: if= of= bs= ibs= obs= count= skip= seek= conv= \
                iflag= oflag= status=
                dd: invalid number: '0'
                """);
    }

    /** A file that prints the flags of each open, and never has a byte. */
    private static final class Flags implements Driver, FileOperations {

        private final StringBuilder opens = new StringBuilder();
        private KernelCalls kernel;
        private KernelMemory memory;
        private long operations;

        @Override
        public String name() {
            return "flags";
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
            memory = theKernel.memory();
            operations = text.add("flags_operations", this);
        }

        @Override
        public int init(DriverParameters parameters) {
            return kernel.cdevAdd("flags", operations, 0);
        }

        @Override
        public int open(long file) {
            opens.append(Integer.toOctalString(FileLayout.FLAGS.get(memory, file))).append(' ');
            return 0;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            return (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0 ? -Errno.EAGAIN : 0;
        }
    }

    @Test
    void ddOpensFilesWithTheFlagsOfItsOperands() throws IOException {
        Flags flags = new Flags();
        Run run = Run.of(options().driver(flags), "dd if=/d/abc of=/dev/flags count=0",
                "dd if=/d/abc of=/dev/flags count=0 conv=notrunc oflag=append", "dd if=/dev/flags iflag=nonblock",
                "dd if=/d/abc of=/dev/flags count=0 seek=1 oflag=nonblock");
        assertThat(flags.opens.toString()).isEqualTo("1001 2001 4000 4001 ");
        assertThat(run.err()).contains("dd: error reading '/dev/flags': Resource temporarily unavailable\n");
    }

    @Test
    void lsListsDirectoriesWithAllBelow() throws IOException {
        Run run = Run.of(options(), "ls -R /d", "ls -lR /d/e", "ls -R /d/abc");
        assertThat(run.out()).isEqualTo("/d:\nabc\ne\n\n/d/e:\nf\n/d/e:\n-r--r--r-- 1 root root 0 f\n/d/abc\n");
        Run all = Run.of(options(), "ls -R");
        assertThat(all.out()).startsWith("/:\n").contains("\n\n/dev:\n", "\n\n/sys/block/disk0/queue:\n");
    }

    /** The last but one column counts flushes. */
    @Test
    void syncFlushesTheCachesOfDisks() throws IOException {
        BoardOptions options = new BoardOptions().ram(64 << 20).harts(1)
                .virtioDisk(new BoardOptions.DiskFile(disk, false));
        Run run = Run.of(options, "sync", "sync", "cat /proc/diskstats | grep vda", "sync x");
        assertThat(run.out()).containsPattern(" 2 \\d+\n$");
        assertThat(run.err()).isEqualTo("sync: extra operand 'x'; usage: sync\n");
    }
}
