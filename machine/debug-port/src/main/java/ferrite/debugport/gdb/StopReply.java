package ferrite.debugport.gdb;

import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.Halt;

/** Formats the reply that tells why the machine stands still (GDB manual, appendix E.3). */
final class StopReply {

    private static final int SIGINT = 2;
    private static final int SIGTRAP = 5;
    private static final int SIGSEGV = 11;

    private final GdbThreads threads;
    private final PointPackets points;
    private boolean listsThreads;

    StopReply(GdbThreads threads, PointPackets points) {
        this.threads = threads;
        this.points = points;
    }

    /** Adds the list of all threads from now on, as LLDB asks. */
    void listThreads() {
        listsThreads = true;
    }

    /**
     * Formats a halt, with the general registers of its hart, so that a client need not ask for them. A start has no
     * reason: nothing was reached.
     */
    String of(Halt halt) {
        HartThread thread = threads.hart(halt.hart());
        StringBuilder text = new StringBuilder("T" + Packets.hex(signal(halt.reason()), 2));
        text.append("thread:").append(threads.name(thread)).append(';').append(reason(halt, thread.hart()));
        if (listsThreads) {
            listThreads(text);
        }
        for (int number = 0; number < GdbRegisters.GENERAL; number++) {
            text.append(Packets.hex(number, 2)).append(':').append(Packets.word(thread.general(number)))
                    .append(';');
        }
        return text.toString();
    }

    private static int signal(Halt.Reason reason) {
        return switch (reason) {
            case REQUEST -> SIGINT;
            case CRASH -> SIGSEGV;
            default -> SIGTRAP;
        };
    }

    private String reason(Halt halt, Hart hart) {
        return switch (halt.reason()) {
            case BREAKPOINT -> points.reasonAt(hart.pc() & 0xffff_ffffL);
            case WATCHPOINT, DEVICE_ACCESS -> halt.point() == null ? ""
                    : word(halt.point().kind()) + ":" + Long.toHexString(halt.point().va()) + ";";
            default -> "";
        };
    }

    private static String word(DebugPoints.Kind kind) {
        return switch (kind) {
            case WRITE -> "watch";
            case READ -> "rwatch";
            case ACCESS -> "awatch";
        };
    }

    private void listThreads(StringBuilder text) {
        StringBuilder names = new StringBuilder();
        StringBuilder pcs = new StringBuilder();
        for (HartThread thread : threads.harts()) {
            names.append(names.length() == 0 ? "" : ",").append(threads.name(thread));
            pcs.append(pcs.length() == 0 ? "" : ",").append(Packets.hex(thread.pc() & 0xffff_ffffL, 8));
        }
        text.append("threads:").append(names).append(";thread-pcs:").append(pcs).append(';');
    }
}
