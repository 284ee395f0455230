package ferrite.debugport.gdb;

import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.hart.Hart;
import java.util.List;

/**
 * The names of threads in packets. Hart <i>n</i> is thread <i>n</i> + 1 of process 1. Clients may name the process too,
 * {@code p1.2}; replies do not, because scripts for OpenOCD expect plain numbers.
 */
final class GdbThreads {

    /** All threads. */
    static final int ALL = -1;
    /** Any thread. */
    static final int ANY = 0;

    private static final String PROCESS = "1";

    private final List<Hart> harts;
    private final HartDescriber describer;

    /** @param describer tells at which address a hart is shown that runs Java code */
    GdbThreads(List<Hart> harts, HartDescriber describer) {
        this.harts = harts;
        this.describer = describer;
    }

    /** Returns the pc that a client sees. */
    int pc(Hart hart) {
        return describer.shownPc(hart);
    }

    /** Returns a general register, x0 to x31, that a client sees. */
    int register(Hart hart, int number) {
        return number == GdbRegisters.RA ? describer.shownReturnAddress(hart) : hart.register(number);
    }

    List<Hart> harts() {
        return harts;
    }

    String name(Hart hart) {
        return name(hart.id());
    }

    String name(int hart) {
        return Integer.toHexString(hart + 1);
    }

    /** Parses a thread's number: {@link #ALL}, {@link #ANY}, or that of a hart plus one. */
    int parse(String text) throws PacketException {
        String thread = text;
        if (text.startsWith("p")) {
            int dot = text.indexOf('.');
            String process = dot < 0 ? text.substring(1) : text.substring(1, dot);
            if (!process.equals("-1") && !process.equals("0") && !process.equals(PROCESS)) {
                throw new PacketException("there is no process " + process + "; the machine is process 1");
            }
            thread = dot < 0 ? "-1" : text.substring(dot + 1);
        }
        if (thread.equals("-1")) {
            return ALL;
        }
        long number = Packets.number(thread);
        if (number < 0 || number > harts.size()) {
            throw new PacketException("there is no thread " + thread + "; this machine has " + harts.size() + " harts");
        }
        return (int) number;
    }

    Hart hart(int thread) {
        return harts.get(thread - 1);
    }
}
