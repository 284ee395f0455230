package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.Machine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of input, and input that comes late: the host's time decides nothing about the run. */
@Timeout(60)
class LateInputTest {

    private static final int BYTE = 'x';
    private static final int LATE_MILLISECONDS = 150;
    /** Ends a program that polls after the end of input. */
    private static final long MAX_INSTRUCTIONS = 400_000;
    /** Ticks after which a busy program gets a byte of a pipe. */
    private static final long SECOND = 100_000_000;

    /** A source of no bytes, or of one. */
    private enum Kind { FILE, CLOSED_PIPE, LATE_PIPE }

    /** How a program waits for a byte, with the receiver's interrupt on. */
    private enum Wait { BUSY_THEN_POLLS, SPINS }

    private record Ending(int status, String out, long tick, Machine.Digest digest) { }

    @TempDir
    private Path directory;
    private Path polls;
    private Path spins;

    /**
     * Writes the programs.
     *
     * <pre>
     *        lui t0, 0x10000; addi t1, zero, 1; sb t1, 1(t0)        IER: the receiver's interrupt
     *        lui t2, 0x20                                           131,072 times round the loop
     * busy:  addi t2, t2, -1; bne t2, zero, busy
     * wait:  lbu t3, 5(t0); andi t3, t3, 1; beq t3, zero, wait      LSR; or, to spin, 2(t0), IIR, and 4 in place of 1
     *        lbu a0, 0(t0); sb a0, 0(t0)                            the byte goes back
     *        lui s0, 0x100; lui s1, 5; addi s1, s1, 0x555; sw s1, 0(s0); j .
     * </pre>
     */
    @BeforeEach
    void writePrograms() throws IOException {
        polls = program("polls", 5, 1);
        spins = program("spins", 2, 4);
    }

    private Path program(String name, int register, int bit) throws IOException {
        int[] words = {0x1000_02b7, 0x0010_0313, 0x0062_80a3, 0x0002_03b7, 0xfff3_8393, 0xfe03_9ee3,
            0x0002_ce03 | register << 20, 0x000e_7e13 | bit << 20, 0xfe0e_0ce3, 0x0002_c503, 0x00a2_8023, 0x0010_0437,
            0x0000_54b7, 0x5554_8493, 0x0094_2023, 0x0000_006f};
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return Files.write(directory.resolve(name), bytes.array());
    }

    private Ending run(Wait wait, InputStream input, boolean isFile) throws IOException {
        BoardOptions options = BoardOptions.ofBoot().ram(8 << 20).harts(1)
                .maxInstructions(wait == Wait.SPINS ? 3 * SECOND : MAX_INSTRUCTIONS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options,
                new GuestProgram(wait == Wait.SPINS ? spins : polls, null, ""),
                control -> new PipedInput(input, isFile, control), out,
                new PrintStream(OutputStream.nullOutputStream()))) {
            int status = session.run();
            return new Ending(status, out.toString(StandardCharsets.UTF_8), session.machine().clock().now(),
                    session.machine().digest());
        }
    }

    private Ending run(Kind kind, String bytes) throws IOException {
        byte[] sent = bytes.getBytes(StandardCharsets.UTF_8);
        PipedOutputStream sender = new PipedOutputStream();
        InputStream pipe = new PipedInputStream(sender);
        switch (kind) {
            case FILE -> {
                return run(Wait.BUSY_THEN_POLLS, new ByteArrayInputStream(sent), true);
            }
            case CLOSED_PIPE -> {
                sender.write(sent);
                sender.close();
            }
            default -> new Thread(() -> sendLate(sender, sent)).start();
        }
        return run(Wait.BUSY_THEN_POLLS, pipe, false);
    }

    private static void sendLate(PipedOutputStream sender, byte[] bytes) {
        try (sender) {
            Thread.sleep(LATE_MILLISECONDS);
            sender.write(bytes);
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void inputWithoutBytesIsTheSameFromEverySource(Kind kind) throws IOException {
        Ending ending = run(kind, "");
        assertThat(ending.status()).isEqualTo(ExitStatus.NOT_FINISHED);
        assertThat(ending).isEqualTo(run(Kind.FILE, ""));
    }

    @Test
    void aLateByteIsTheSameAsOneThatIsThereAtFirst() throws IOException {
        Ending early = run(Kind.CLOSED_PIPE, "x");
        assertThat(early.status()).isZero();
        assertThat(early.out()).isEqualTo("x");
        assertThat(run(Kind.LATE_PIPE, "x")).isEqualTo(early);
    }

    @Test
    void aBusyProgramGetsTheByteOfAPipeAfterASecondAndThatOfAFileAtOnce() throws IOException {
        Ending ofFile = run(Wait.SPINS, new ByteArrayInputStream(new byte[] {BYTE}), true);
        assertThat(ofFile.out()).isEqualTo("x");
        assertThat(ofFile.tick()).isLessThan(SECOND / 100);
        Ending ofPipe = run(Wait.SPINS, new ByteArrayInputStream(new byte[] {BYTE}), false);
        assertThat(ofPipe.out()).isEqualTo("x");
        assertThat(ofPipe.tick()).isBetween(SECOND, SECOND + SECOND / 100);
    }

    @Test
    void bytesThatAreAddedToAFileDuringTheRunAreNoInput() throws IOException {
        Path file = Files.write(directory.resolve("input"), new byte[0]);
        Ending empty = run(Kind.FILE, "");
        try (InputStream input = new InputStream() {
            private final InputStream bytes = Files.newInputStream(file);

            @Override
            public int available() throws IOException {
                int available = bytes.available();
                Files.write(file, new byte[] {BYTE}, StandardOpenOption.APPEND);       // after the machine has looked
                return available;
            }

            @Override
            public int read() throws IOException {
                return bytes.read();
            }

            @Override
            public void close() throws IOException {
                bytes.close();
            }
        }) {
            assertThat(run(Wait.BUSY_THEN_POLLS, input, true)).isEqualTo(empty);
        }
    }
}
