package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Text that is made record by record, and the files of {@code /proc} that drivers make. */
@Timeout(60)
class SeqFilesTest {

    private static final int BUFFER = 64 << 10;

    private final KernelFixture fixture = KernelFixture.small();
    private final List<String> records = new ArrayList<>();
    /** The kernel's calls, a letter each, with the number of the record. */
    private final StringBuilder calls = new StringBuilder();
    private long buffer;

    /** Shows the strings of the list. A record is its number plus 1; below 0 an error. */
    private final class Strings implements SeqOperations {

        private boolean isStarted;

        private long record(long position) {
            return position < records.size() ? position + 1 : 0;
        }

        @Override
        public long start(long seq, long position) {
            check(!isStarted, "start after start");
            isStarted = true;
            calls.append(" s").append(position);
            return record(position);
        }

        @Override
        public long next(long seq, long record, long position) {
            check(isStarted && position == record, "next");
            calls.append(" n").append(position);
            return record(position);
        }

        @Override
        public void stop(long seq, long record) {
            check(isStarted, "stop without start");
            isStarted = false;
            calls.append(" t").append(record);
        }

        @Override
        public int show(long seq, long record) {
            check(isStarted, "show without start");
            calls.append(" w").append(record);
            String text = records.get((int) record - 1);
            kernel().seqPuts(seq, text);
            return text.equals("skip") ? SEQ_SKIP : text.equals("fail") ? -Errno.EIO : 0;
        }
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    private void createStrings() {
        long operations = fixture.text("strings", new Strings());
        fixture.run(() -> {
            buffer = fixture.zeroed(BUFFER);
            check(kernel().procCreateSeqData("strings", 0, operations, 42) != 0, "proc_create_seq_data");
        });
    }

    private String read(int file, int count) {
        int length = files().read(file, buffer, count);
        byte[] bytes = new byte[Math.max(0, length)];
        memory().read(buffer, bytes, 0, bytes.length);
        return length < 0 ? Errno.message(length) : new String(bytes, StandardCharsets.UTF_8);
    }

    private String readAll(String path, int count) {
        int file = files().open(path, Fcntl.O_RDONLY);
        check(file >= 0, "open: " + file);
        StringBuilder all = new StringBuilder();
        String piece;
        do {
            piece = read(file, count);
            all.append(piece);
        } while (!piece.isEmpty());
        files().close(file);
        return all.toString();
    }

    @Test
    void recordsAreShownInOrderAndOneAfterTheLastRead() {
        records.addAll(List.of("one\n", "two\n", "three\n"));
        createStrings();
        fixture.run(() -> {
            equal(readAll("/proc/strings", 1000), "one\ntwo\nthree\n");
            equal(calls.toString(), " s0 w1 n1 w2 n2 w3 n3 t0 s3 t0");
            calls.setLength(0);
            equal(readAll("/proc/strings", 5), "one\ntwo\nthree\n");
            equal(calls.toString(), " s0 w1 n1 w2 n2 t3 s2 w3 n3 t0 s3 t0 s3 t0");
        });
    }

    @Test
    void aRecordThatDoesNotFitIsShownAgainInALargerBuffer() {
        String large = "x".repeat(3 * 4096) + "\n";
        records.addAll(List.of("head\n", large, "tail\n"));
        createStrings();
        fixture.run(() -> {
            equal(readAll("/proc/strings", BUFFER), "head\n" + large + "tail\n");
            check(calls.toString().contains("w2 t2 s1 w2 t2 s1 w2"), "shown as " + calls);
            equal(readAll("/proc/strings", 1000), "head\n" + large + "tail\n");
        });
    }

    /** A buffer grows up to 4 MiB. */
    @Test
    void aRecordThatIsTooLongForAnyBufferFails() {
        records.add("x".repeat(SeqFiles.MAX_BYTES));
        createStrings();
        fixture.run(() -> {
            int file = files().open("/proc/strings", Fcntl.O_RDONLY);
            equal(files().read(file, buffer, 10), -Errno.ENOMEM);
            records.set(0, "short\n");
            equal(read(file, 10), "short\n");
            files().close(file);
        });
    }

    @Test
    void recordsAreSkippedAndFail() {
        records.addAll(List.of("skip", "one\n", "skip", "", "two\n", "fail"));
        createStrings();
        fixture.run(() -> {
            int file = files().open("/proc/strings", Fcntl.O_RDONLY);
            equal(read(file, 100), "one\ntwo\n");
            equal(read(file, 100), Errno.message(Errno.EIO));
            files().close(file);
        });
    }

    @Test
    void someCharactersAreEscaped() {
        long show = fixture.text("show_escaped", (SeqShow) seq -> {
            kernel().seqEscape(seq, "a b\tc\n", " \t\n");
            return 0;
        });
        fixture.run(() -> {
            buffer = fixture.zeroed(BUFFER);
            kernel().procCreateSingleData("escaped", 0, show, 0);
            equal(readAll("/proc/escaped", 100), "a\\040b\\011c\\012");
        });
    }

    /** The operations of a driver's own file, as in LDD3's scull (page 91). */
    @Test
    void aDriversFileIsMadeASeqFileWhenItIsOpened() {
        records.addAll(List.of("one\n", "two\n"));
        long strings = fixture.text("strings", new Strings());
        long operations = fixture.text("scull_proc_ops", new FileOperations() {
            @Override
            public int open(long file) {
                return kernel().seqOpen(file, strings);
            }

            @Override
            public int read(long file, long to, int count, long position) {
                return kernel().seqRead(file, to, count, position);
            }

            @Override
            public void release(long file) {
                kernel().seqRelease(file);
            }
        });
        fixture.run(() -> {
            buffer = fixture.zeroed(BUFFER);
            kernel().cdevAdd("strings", operations, 42);
            equal(readAll("/dev/strings", 5), "one\ntwo\n");
        });
    }

    @Test
    void aStartMayFail() {
        long operations = fixture.text("failing", new SeqOperations() {
            @Override
            public long start(long seq, long position) {
                return -Errno.ENOMEM;
            }

            @Override
            public long next(long seq, long record, long position) {
                return 0;
            }

            @Override
            public int show(long seq, long record) {
                return 0;
            }
        });
        fixture.run(() -> {
            kernel().procCreateSeqData("failing", 0, operations, 0);
            int file = files().open("/proc/failing", Fcntl.O_RDONLY);
            equal(files().read(file, fixture.zeroed(8), 8), -Errno.ENOMEM);
            equal(files().lseek(file, 5, Fcntl.SEEK_SET), (long) -Errno.ENOMEM);
            files().close(file);
        });
    }

    /** Random records, reads and seeks, against the text as a whole. */
    @Test
    void readsAndSeeksFindTheTextAsAWhole() {
        createStrings();
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        for (int round = 0; round < 30; round++) {
            records.clear();
            int count = random.nextInt(12);
            for (int i = 0; i < count; i++) {
                int length = random.nextInt(5) == 0 ? random.nextInt(9000) : random.nextInt(60);
                records.add(Character.toString('a' + i).repeat(length));
            }
            String all = String.join("", records);
            fixture.run(() -> {
                int file = files().open("/proc/strings", Fcntl.O_RDONLY);
                int position = 0;
                for (int i = 0; i < 40; i++) {
                    if (random.nextInt(3) == 0) {
                        position = random.nextInt(all.length() + 1);
                        equal(files().lseek(file, position, Fcntl.SEEK_SET), (long) position);
                    }
                    int wanted = random.nextBoolean() ? random.nextInt(100) + 1 : random.nextInt(12_000) + 1;
                    String found = read(file, wanted);
                    check(all.startsWith(found, position) && (!found.isEmpty() || position >= all.length()),
                            "at " + position + " of " + all.length() + ": " + found.length() + " bytes "
                                    + seed.replay("the reads"));
                    position += found.length();
                }
                files().close(file);
            });
        }
    }

    @Test
    void aSeqFileSeeksForwardsAndBackAndNotFromTheEnd() {
        records.addAll(List.of("0123", "4567", "89"));
        createStrings();
        fixture.run(() -> {
            int file = files().open("/proc/strings", Fcntl.O_RDONLY);
            equal(files().lseek(file, 6, Fcntl.SEEK_SET), 6L);
            equal(read(file, 3), "678");
            equal(read(file, 3), "9");
            equal(files().lseek(file, -8, Fcntl.SEEK_CUR), 2L);
            equal(read(file, 1), "2");
            equal(files().lseek(file, 0, Fcntl.SEEK_END), (long) -Errno.EINVAL);
            equal(files().lseek(file, -1, Fcntl.SEEK_SET), (long) -Errno.EINVAL);
            files().close(file);
        });
    }

    // ---- the files of /proc ----

    @Test
    void aSingleRecordIsMadeWithTheDataOfItsFile() {
        long show = fixture.text("hello_show", (SeqShow) seq -> {
            kernel().seqPrintf(seq, "hello " + SeqFileLayout.PRIVATE.get(memory(), seq));
            kernel().seqPutc(seq, ' ');
            memory().store32(buffer, 0x0a21_7569);
            kernel().seqWrite(seq, buffer, 4);
            return 0;
        });
        fixture.run(() -> {
            buffer = fixture.zeroed(BUFFER);
            check(kernel().procCreateSingleData("hello", 0, show, 7) != 0, "proc_create_single_data");
            equal(readAll("/proc/hello", 3), "hello 7 iu!\n");
            int file = files().open("/proc/hello", Fcntl.O_RDWR);
            equal(files().write(file, buffer, 3), -Errno.EINVAL);
            files().close(file);
        });
    }

    @Test
    void aFileWithOperationsOfItsOwnReadsAndWrites() {
        int[] level = new int[1];
        FileOperations own = new FileOperations() {
            @Override
            public int open(long file) {
                equal(FileLayout.DATA.get(memory(), file), 9L);
                return kernel().singleOpen(file, showLevel, 0);
            }

            @Override
            public int read(long file, long to, int count, long position) {
                return kernel().seqRead(file, to, count, position);
            }

            @Override
            public long llseek(long file, long offset, int whence) {
                return kernel().seqLseek(file, offset, whence);
            }

            @Override
            public int write(long file, long from, int count, long position) {
                level[0] = memory().load8(from) - '0';
                return count;
            }

            @Override
            public void release(long file) {
                kernel().singleRelease(file);
            }

            private final long showLevel = fixture.text("level_show", (SeqShow) seq -> {
                kernel().seqPuts(seq, "level " + level[0] + "\n");
                return 0;
            });
        };
        long operations = fixture.text("level_operations", own);
        fixture.run(() -> {
            buffer = fixture.zeroed(BUFFER);
            check(kernel().procCreateData("level", 0644, operations, 9) != 0, "proc_create_data");
            int file = files().open("/proc/level", Fcntl.O_WRONLY);
            memory().store8(buffer, '4');
            equal(files().write(file, buffer, 1), 1);
            files().close(file);
            equal(readAll("/proc/level", 100), "level 4\n");
        });
        assertThat(files().proc().names(fixture.peek())).contains("level", "meminfo").isSorted();
    }

    /** Reads with the operations of a device; the kernel's own files cannot be written to. */
    @Test
    void aFileNeedsNoSeqFile() {
        long operations = fixture.text("counting", new FileOperations() {
            @Override
            public int read(long file, long to, int count, long position) {
                memory().store8(to, (int) ('0' + position));
                return position < 5 ? 1 : 0;
            }
        });
        fixture.run(() -> {
            buffer = fixture.zeroed(64);
            check(kernel().procCreate("counting", 0444, operations) != 0, "proc_create");
            equal(readAll("/proc/counting", 10), "01234");
            int file = files().open("/proc/meminfo", Fcntl.O_WRONLY);
            equal(files().write(file, buffer, 1), -Errno.EIO);
            files().close(file);
        });
    }

    @Test
    void aNameIsTakenOnceAndFreeAgainAfterItsRemoval() {
        long show = fixture.text("empty_show", (SeqShow) seq -> 0);
        fixture.run(() -> {
            buffer = fixture.zeroed(64);
            check(kernel().procCreateSingleData("mine", 0, show, 0) != 0, "proc_create");
            equal(kernel().procCreateSingleData("mine", 0, show, 0), 0L);
            equal(kernel().procCreate("a/b", 0, show), 0L);
            equal(readAll("/proc/mine", 10), "");
            kernel().removeProcEntry("mine");
            equal(files().open("/proc/mine", Fcntl.O_RDONLY), -Errno.ENOENT);
            check(kernel().procCreateSingleData("mine", 0, show, 0) != 0, "proc_create");
            kernel().removeProcEntry("mine");
            kernel().removeProcEntry("mine");
        });
    }

    @Test
    void nothingIsLeftWhenAFileIsClosed() {
        records.addAll(List.of("one\n", "x".repeat(5000)));
        createStrings();
        fixture.run(() -> readAll("/proc/strings", 100));
        String before = fixture.accounting();
        fixture.run(() -> readAll("/proc/strings", 100));
        assertThat(fixture.accounting()).isEqualTo(before);
    }
}
