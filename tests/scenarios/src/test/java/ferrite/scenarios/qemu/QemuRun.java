package ferrite.scenarios.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A run of an image on QEMU's virt machine, with a hart that has exactly Ferrite's extensions. The machine's RAM is a
 * host file: the image is written there before the run, and the results are read from it afterwards.
 */
final class QemuRun implements AutoCloseable {

    static final String TOOL = "qemu-system-riscv32";

    /**
     * RV32IMAC_Zicsr_Zifencei_Zicntr_Sstc with M, S and U, and the 29 performance counters that the specification
     * requires (section 3.1.10).
     */
    private static final String CPU = "rv32,priv_spec=v1.12.0,debug=false,f=false,d=false,h=false,zba=false,zbb=false,"
            + "zbc=false,zbs=false,pmu-num=29,mvendorid=0,marchid=0,mimpid=0";
    /** See {@link KnownDeparture#AMO_IN_TWO}. */
    private static final String HARTS = "2";
    /** A program takes about a millisecond. A program that takes so long never ends. */
    private static final long PATIENCE_MILLISECONDS = 3_000;

    private final Path ram;
    private final Process process;
    private final int bytes;
    private final int firstSlot;
    private final int programs;

    private QemuRun(byte[] image, int firstSlot, int programs) throws IOException {
        this.firstSlot = firstSlot;
        this.programs = programs;
        bytes = image.length;
        ram = Files.createTempFile("ferrite-qemu", ".ram");
        try (RandomAccessFile file = new RandomAccessFile(ram.toFile(), "rw")) {
            file.write(image);
            file.setLength(SlotLayout.RAM_BYTES);
        }
        process = new ProcessBuilder(command(ram)).inheritIO().start();
    }

    static QemuRun start(byte[] image, int firstSlot, int programs) throws IOException {
        return new QemuRun(image, firstSlot, programs);
    }

    private static List<String> command(Path ram) {
        return List.of(TOOL, "-M", "virt,memory-backend=ram", "-cpu", CPU, "-smp", HARTS,
                "-m", SlotLayout.RAM_BYTES / (1 << 20) + "M",
                "-object", "memory-backend-file,id=ram,size=" + SlotLayout.RAM_BYTES + ",share=on,mem-path=" + ram,
                "-bios", "none", "-display", "none", "-serial", "none", "-monitor", "none", "-net", "none");
    }

    /** Waits for the end, or until no program has ended for a while. */
    Ended end() throws IOException, InterruptedException {
        Ended now = memory(false);
        for (int done = -1; done < done(now); ) {
            done = done(now);
            boolean whole = process.waitFor(PATIENCE_MILLISECONDS, TimeUnit.MILLISECONDS) && process.exitValue() == 0;
            now = memory(whole);
            if (whole) {
                return now;
            }
        }
        return now;
    }

    private int done(Ended now) {
        return (int) IntStream.range(firstSlot, firstSlot + programs).filter(now::isDone).count();
    }

    private Ended memory(boolean whole) throws IOException {
        byte[] memory = new byte[bytes];
        try (RandomAccessFile file = new RandomAccessFile(ram.toFile(), "r")) {
            file.readFully(memory);
        }
        return new Ended(memory, whole);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(ram);
    }
}
