package ferrite.debugport.gdb;

import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.TaskLister;
import ferrite.hardware.hart.Hart;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of threads in packets. Hart <i>n</i> is thread <i>n</i> + 1 of process 1. On a machine with a kernel that
 * has tasks, replies name the process too, as {@code p1.2}, to a client that knows processes. It may attach to process
 * 2, whose threads are the tasks, by their pids. Other replies have plain numbers, as scripts for OpenOCD expect.
 */
final class GdbThreads {

    /** The process whose threads are the harts. */
    static final int MACHINE = 1;
    /** The process whose threads are the kernel's tasks. */
    static final int TASKS = 2;

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
    private final TaskLister tasks;
    private boolean namesProcesses;
    private boolean listsTasks;

    GdbThreads(List<Hart> harts, HartDescriber describer, TaskLister tasks) {
        this.harts = harts.stream().map(hart -> new HartThread(hart, describer)).toList();
        this.tasks = tasks;
    }

    /** Names the process of each thread from now on, if the machine has more than one, or does not. */
    void nameProcesses(boolean names) {
        namesProcesses = names && tasks != TaskLister.NONE;
    }

    boolean namesProcesses() {
        return namesProcesses;
    }

    /** Lists the tasks too from now on, or does not. */
    void listTasks(boolean lists) {
        listsTasks = lists;
    }

    /** Returns the first task, the one that the client sees when it attaches to process 2. */
    GdbThread firstTask() throws PacketException {
        List<TaskLister.Task> found = tasks.tasks();
        if (!namesProcesses || found.isEmpty()) {
            throw new PacketException("process 2 has the kernel's tasks, and there are none");
        }
        return new TaskThread(found.get(0), harts);
    }

    List<HartThread> harts() {
        return harts;
    }

    HartThread hart(int id) {
        return harts.get(id);
    }

    /** Returns all threads, as a list of them shows. */
    List<GdbThread> all() {
        List<GdbThread> threads = new ArrayList<>(harts);
        if (listsTasks) {
            tasks.tasks().forEach(task -> threads.add(new TaskThread(task, harts)));
        }
        return threads;
    }

    String name(GdbThread thread) {
        return (namesProcesses ? "p" + Integer.toHexString(thread.process()) + "." : "")
                + Integer.toHexString(thread.number());
    }

    /** Returns what the reply for the end of the machine's process adds. */
    String ofProcess() {
        return namesProcesses ? ";process:" + MACHINE : "";
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
        if (selection.process > (listsTasks ? TASKS : MACHINE)) {
            throw new PacketException("there is no process " + selection.process + "; the machine is process 1");
        }
        if (!selection.isOneThread()) {
            return other;
        }
        return all().stream().filter(selection::includes).findFirst().orElseThrow(() -> new PacketException(
                "there is no " + (selection.process == TASKS ? "task " + selection.thread : "thread " + text)
                        + "; this machine has " + harts.size() + " harts"));
    }
}
