package ferrite.board.command;

import ferrite.board.stdio.Tty;
import ferrite.board.wiring.Board;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.monitor.ZoneBar;
import java.io.IOException;
import java.io.PrintStream;
import java.util.TreeSet;

/** The output of the demo: the machine, the buffers, the work of each hart, and whether the digest is right. */
final class DemoSummary {

    private static final int BAR_WIDTH = 18;

    private final Board board;
    private final DemoDisk disk;
    private final PrintStream out;
    private final boolean showProgress = Tty.isStandardOutput();
    private final TreeSet<Long> buffers = new TreeSet<>();
    private final long diskBytes;
    private int bufferBytes;
    private int transfers;
    private long movedBytes;
    private boolean right;

    DemoSummary(Board board, DemoDisk disk, PrintStream out) throws IOException {
        this.board = board;
        this.disk = disk;
        this.out = out;
        this.diskBytes = disk.bytes();
        board.dma().onTransfer(this::count);
        out.println("ferrite " + Kernel.VERSION + "  " + board.machine().harts().size() + " harts, "
                + (board.machine().bus().ram().bytes() >> 20) + " MiB, seed 1\n");
        out.flush();
    }

    private void count(DmaController.Transfer transfer) {
        buffers.add(transfer.dma());
        bufferBytes = Math.max(bufferBytes, transfer.bytes());
        transfers++;
        movedBytes += transfer.bytes();
        if (showProgress && transfers % 64 == 0) {
            out.print("\r  reading    " + bar() + " " + movedBytes * 100 / diskBytes + "%");
            out.flush();
        }
    }

    private String bar() {
        int full = (int) (movedBytes * BAR_WIDTH / diskBytes);
        return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
    }

    /** Prints the summary; {@code answer} is the output of sha256sum in the machine. */
    void print(String answer) throws IOException {
        if (showProgress) {
            out.print("\r");
        }
        printZones();
        line("reading", disk.image() + ", " + ZoneBar.mebibytes(diskBytes / AddressSpace.PAGE_SIZE) + ", "
                + board.machine().harts().size() + " tasks, one channel   " + bar()
                + " " + movedBytes * 100 / diskBytes + "%");
        line("buffers", buffers.size() + " x " + bufferBytes / 1024
                + " KiB in " + zoneOfBuffers() + ", " + (buffers.isEmpty() ? "nowhere"
                        : Hex.grouped(buffers.first()) + " - " + Hex.grouped(buffers.last() + bufferBytes - 1)));
        line("transfers",
                transfers + " of up to " + bufferBytes / 1024 + " KiB, " + milliseconds() + " ms of machine time");
        printHarts();
        printDigests(answer);
    }

    private ReadableMemory view() {
        return board.machine().peek(0);
    }

    private void printZones() {
        Zones zones = board.kernel().mm().zones();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            long spanned = zones.spanned(view(), zone);
            if (spanned > 0) {
                long start = zones.startPfn(view(), zone) / 256;
                String range = pad(Zones.name(zone), 8) + right(Long.toString(start), 4)
                        + " - " + right(Long.toString(start + spanned / 256), 4) + " MiB   ";
                long free = zones.free(view(), zone);
                line(zone == 0 ? "zones" : "",
                        range + ZoneBar.of(free, spanned) + right(ZoneBar.mebibytes(free), 11) + " free");
            }
        }
    }

    private String zoneOfBuffers() {
        return buffers.isEmpty() ? "no zone"
                : Zones.name(board.kernel().mm().zones().zoneOf(view(), buffers.last() >>> AddressSpace.PAGE_SHIFT));
    }

    private String milliseconds() {
        long micros = board.machine().clock().now() / Clock.TICKS_PER_MICROSECOND;
        return micros / 1000 + "." + micros % 1000 / 100;
    }

    private void printHarts() {
        boolean first = true;
        for (Hart hart : board.machine().harts()) {
            line(first ? "harts" : "",
                    hart.id() + ": " + right(Long.toString(interrupts(hart.id())), 5) + " interrupts, "
                            + right(Long.toString((hart.csrs().retired() + 999) / 1000), 6) + " k instructions");
            first = false;
        }
    }

    private long interrupts(int hart) {
        Interrupts interrupts = board.kernel().interrupts();
        long sum = interrupts.timerCount(view(), hart) + interrupts.ipiCount(view(), hart);
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            sum += interrupts.count(view(), irq, hart);
        }
        return sum;
    }

    private void printDigests(String answer) throws IOException {
        String here = disk.sha256();
        String there = answer.length() < 64 ? "no digest: " + answer.strip() : answer.substring(0, 64);
        right = here.equals(there);
        out.println();
        line("sha256", there + "  through the DMA controller");
        line("", here + "  of the file on this host");
        out.println("  " + (right ? "the same." : "NOT the same.")
                + " Try the other zone:  java -jar devices/board/target/ferrite.jar run --disk "
                + disk.image() + " -o disk.gfp=GFP_KERNEL -c 'sha256sum /dev/disk0'");
    }

    boolean isRight() {
        return right;
    }

    private void line(String label, String text) {
        out.println("  " + pad(label, 11) + text);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
