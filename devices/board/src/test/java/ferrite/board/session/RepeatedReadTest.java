package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.ReportText;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OpenOCD's {@code riscv repeat_read} samples the real-time counter of each board. */
class RepeatedReadTest {

    private static final byte[] JUMP_TO_ITSELF = {0x6f, 0, 0, 0};
    private static final int MACHINE_TIMER = 1 << 7;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void theTimerGoesOnByOneForEachReadAndComparesAtItsTime(BoardKind board) throws Exception {
        Path image = Files.write(directory.resolve("program.bin"), JUMP_TO_ITSELF);
        try (BareSession session = new BareSession(new BoardOptions().kind(board).ram(8 << 20).harts(1),
                new GuestProgram(image, null, ""),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
            Machine machine = session.machine();
            machine.control().expectDebugger();
            machine.control().halt();
            long timer = board == BoardKind.VIRT ? VirtLayout.MTIMER : FerriteLayout.MTIMER;
            long start = machine.clock().mtime();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 64; i++) {
                expected.append(Hex.digits(start + i, 8)).append(i % 8 == 7 ? '\n' : ' ');
            }
            String mtime = Hex.address(timer + Aclint.MTIME);
            assertThat(ReportText.of(session.monitor().execute("riscv repeat_read 64 " + mtime)))
                    .isEqualTo(expected.toString());

            machine.bus().store(BusMaster.host("test"), timer, 4, (int) start + 74);
            machine.bus().store(BusMaster.host("test"), timer + 4, 4, 0);
            session.monitor().execute("riscv repeat_read 9 " + mtime);
            assertThat(pending(machine)).isZero();
            session.monitor().execute("riscv repeat_read 1 " + mtime + " 4");
            assertThat(pending(machine)).isEqualTo(MACHINE_TIMER);
            assertThat(machine.clock().instructions()).isZero();
        }
    }

    private static int pending(Machine machine) {
        return machine.harts().get(0).csrs().pending() & MACHINE_TIMER;
    }
}
