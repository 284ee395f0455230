package ferrite.scenarios.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.BoardKind;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.FerriteJar;
import ferrite.scenarios.qemu.Code;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host memory that a program can use beyond its RAM. The program touches all of it, executes code everywhere, and
 * fills the devices' caches.
 */
@Timeout(180)
class HostMemoryTest {

    private static final int RAM_MEGABYTES = 64;
    private static final int DISK_MEGABYTES = 96;
    private static final int CACHED_MEGABYTES = 64;

    // addresses on the ferrite board
    private static final int FINISHER = 0xf003_0000;
    private static final int DMA = 0xf004_0000;
    private static final int DISK = 0xf005_0000;
    private static final int CONSOLE = 0xf006_0000;

    private static final int DISK_LBA = 0xc;
    private static final int DISK_COUNT = 0x10;
    private static final int DISK_COMMAND = 0x14;
    private static final int DISK_WRITE = 2;
    private static final int DISK_STATUS = 0x18;
    private static final int DISK_DONE = 2;
    private static final int DISK_CHANNEL = 2;
    private static final int SECTORS_A_TRANSFER = 128;
    private static final int CODE_PAGES = 3000;
    private static final int RET = 0x0000_8067;

    @TempDir
    private Path directory;

    private static byte[] program() {
        Code code = new Code(0).csrr(Code.T0, Csrs.MHARTID).branch(Instruction.BEQ, Code.T0, 0, "first").label("sleep")
                .plain(Instruction.WFI).jump(0, "sleep");
        code.label("first").li(Code.T1, 1 << 20).li(Code.T2, RAM_MEGABYTES << 20).li(Code.T3, 4096)
                .label("touch").store(Code.T1, Code.T1, 4).r(Instruction.ADD, Code.T1, Code.T1, Code.T3)
                .branch(Instruction.BNE, Code.T1, Code.T2, "touch");
        code.li(Code.T1, 1 << 20).li(Code.T2, RET).li(Code.T6, CODE_PAGES)
                .label("call").store(Code.T2, Code.T1, 0).i(Instruction.JALR, Code.RA, Code.T1, 0)
                .r(Instruction.ADD, Code.T1, Code.T1, Code.T3)
                .i(Instruction.ADDI, Code.T6, Code.T6, -1).branch(Instruction.BNE, Code.T6, 0, "call");
        code.li(Code.T0, CONSOLE).li(Code.T1, 16 << 20).store(0, Code.T0, 0).store(Code.T1, Code.T0, 4).li(Code.T1, 1)
                .store(Code.T1, Code.T0, 8);
        fillDiskCache(code);
        code.li(Code.T0, FINISHER).li(Code.T1, 0x5555).store(Code.T1, Code.T0, 0).jump(0, "sleep");
        return code.toBytes();
    }

    private static void fillDiskCache(Code code) {
        code.li(Code.T0, DMA);
        port(code, DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.MODE), DmaRegisters.MODE_CASCADE);
        port(code, DmaRegisters.port(DmaRegisters.CASCADE, DmaRegisters.SINGLE_MASK), 0);
        code.li(Code.T2, 0).li(Code.T3, CACHED_MEGABYTES << 11).label("next").li(Code.T0, DMA);
        port(code, DmaRegisters.CLEAR_FLIP_FLOP, 0);
        port(code, DmaRegisters.MODE, DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_READ | DISK_CHANNEL);
        port(code, DmaRegisters.page(DISK_CHANNEL), 1);
        for (int port : new int[] {DmaRegisters.address(DISK_CHANNEL), DmaRegisters.count(DISK_CHANNEL)}) {
            int value = port == DmaRegisters.address(DISK_CHANNEL) ? 0 : 0xff;
            port(code, port, value);
            port(code, port, value);
        }
        port(code, DmaRegisters.SINGLE_MASK, DISK_CHANNEL);
        code.li(Code.T0, DISK).store(Code.T2, Code.T0, DISK_LBA)
                .li(Code.T1, SECTORS_A_TRANSFER).store(Code.T1, Code.T0, DISK_COUNT)
                .li(Code.T1, DISK_WRITE).store(Code.T1, Code.T0, DISK_COMMAND)
                .label("busy").load(Code.T1, Code.T0, DISK_STATUS).i(Instruction.ANDI, Code.T6, Code.T1, DISK_DONE)
                .branch(Instruction.BEQ, Code.T6, 0, "busy")
                // it failed: crash
                .li(Code.T6, DISK_DONE).branch(Instruction.BEQ, Code.T1, Code.T6, "went").plain(Instruction.EBREAK)
                .label("went").store(Code.T6, Code.T0, DISK_STATUS)
                .i(Instruction.ADDI, Code.T2, Code.T2, SECTORS_A_TRANSFER)
                .branch(Instruction.BNE, Code.T2, Code.T3, "next");
    }

    private static void port(Code code, int port, int value) {
        code.li(Code.T1, value).s(Instruction.SB, Code.T1, Code.T0, port);
    }

    private int run(int heapMegabytes) throws IOException, InterruptedException {
        Path image = Files.write(directory.resolve("greedy.bin"), program());
        Path disk = directory.resolve("disk.img");
        try (RandomAccessFile sparse = new RandomAccessFile(disk.toFile(), "rw")) {
            sparse.setLength((long) DISK_MEGABYTES << 20);
        }
        List<String> command = new ArrayList<>(FerriteJar.command("boot", image.toString(), "--board", "ferrite",
                "--harts", "8", "--ram", RAM_MEGABYTES + "M",
                "--disk", disk.toString(), "--max-instructions", "200000000"));
        command.add(1, "-Xmx" + heapMegabytes + "m");
        Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve("err").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(image.toFile())).start();
        assertThat(process.waitFor(150, TimeUnit.SECONDS)).as("it comes to its end").isTrue();
        return process.exitValue();
    }

    @Test
    void aProgramThatTakesAllItCanStaysWithinRamAndAFixedOverhead() throws Exception {
        int status = run(RAM_MEGABYTES + HostileRun.OVERHEAD_MEGABYTES);
        assertThat(status).as(Files.readString(directory.resolve("err"))).isZero();
    }

    /** The test above must not pass for a program that uses no memory. */
    @Test
    void withLessThanItsRamItIsToldSo() throws Exception {
        assertThat(run(RAM_MEGABYTES * 3 / 4)).isEqualTo(1);
        assertThat(Files.readString(directory.resolve("err"))).startsWith("ferrite").contains("heap is full")
                .contains("-Xmx").hasLineCount(1);
    }

    /** Translated code needs some memory of its own, and a machine can do without translated code. */
    @Test
    void aFrequentLoopIsInterpretedIfTheHeapHasNoRoomForMore() throws Exception {
        List<String> command = new ArrayList<>(FerriteJar.command("boot",
                "../../firmware-images/programs/images/speed-calls-virt.elf", "--harts", "1", "--ram", "8M",
                "--max-instructions", "30000000"));
        command.add(1, "-Xmx16m");
        Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve("err").toFile()).start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it comes to its end").isTrue();
        assertThat(process.exitValue()).as(Files.readString(directory.resolve("err"))).isEqualTo(124);
    }

    /** The board that the program is written for. */
    @Test
    void theBoardHasWhatTheProgramUses() throws IOException {
        assertThat(new Devices().of(BoardKind.FERRITE).stream().map(range -> (int) range.base()))
                .contains(FINISHER, DMA, DISK, CONSOLE);
    }
}
