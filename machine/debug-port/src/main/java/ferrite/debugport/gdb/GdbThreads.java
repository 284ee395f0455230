package ferrite.debugport.gdb;

import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.hart.Hart;
import java.util.List;

/**
 * The names of threads in packets. Hart <i>n</i> is thread <i>n</i> + 1 of process 1. Clients may name the process too,
 * {@code p1.2}; replies do not, because scripts for OpenOCD expect plain numbers.
 */
final class GdbThreads {

    /** The process whose threads are the harts. */
    static final int MACHINE = 1;

    private static final int ALL = -1;
    private static final int ANY = 0;

    /** What a name in a packet means: one thread, or any or all of a process or of all processes. */
    record Selection(int process, int thread) {

        boolean includes(GdbThread candidate) {
            return (process <= 0 || process == candidate.process())
                    && (thread <= 0 || thread == candidate.number());
        }

        boolean isOneThread() {
            return thread > 0;
        }
    }

    private final List<HartThread> harts;

    GdbThreads(List<Hart> harts, HartDescriber describer) {
        this.harts = harts.stream().map(hart -> new HartThread(hart, describer)).toList();
    }

    List<HartThread> harts() {
        return harts;
    }

    HartThread hart(int id) {
        return harts.get(id);
    }

    /** Returns all threads, as a list of them shows. */
    List<? extends GdbThread> all() {
        return harts;
    }

    String name(GdbThread thread) {
        return Integer.toHexString(thread.number());
    }

    Selection parse(String text) throws PacketException {
        if (!text.startsWith("p")) {
            return new Selection(MACHINE, number(text));
        }
        int dot = text.indexOf('.');
        int process = number(dot < 0 ? text.substring(1) : text.substring(1, dot));
        return new Selection(process, dot < 0 ? ALL : number(text.substring(dot + 1)));
    }

    private static int number(String text) throws PacketException {
        return text.equals("-1") ? ALL : Packets.length(text);
    }

    /**
     * Finds the thread that a packet names.
     *
     * @param other is returned if the packet names any thread, or all
     */
    GdbThread find(String text, GdbThread other) throws PacketException {
        Selection selection = parse(text);
        if (selection.process > MACHINE) {
            throw new PacketException("there is no process " + selection.process + "; the machine is process 1");
        }
        if (!selection.isOneThread()) {
            return other;
        }
        return all().stream().filter(selection::includes).findFirst().orElseThrow(() -> new PacketException(
                "there is no thread " + text + "; this machine has " + harts.size() + " harts"));
    }
}
