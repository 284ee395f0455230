package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.vm.UserMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The files of {@code /proc}, and a task's operations on them. */
public final class ProcFiles extends ProcOperations {

    private static final int FOR_READING = 0444;

    private final KernelMemory memory;
    private final TextTable text;
    private final TextTable.Module module;
    private final long operations;
    private final ProcEntries entries;
    private final List<ProcFile> files = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();
    private final Map<String, Long> ofTasks = new TreeMap<>();
    private final KernelCpu cpu;
    private final SpinLock locks;

    ProcFiles(KernelBase base, UserMemory user, BuddyAllocator pages, ProcEntries entries) {
        super(base.memory(), user, pages);
        this.entries = entries;
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.text = base.text();
        this.module = text.newModule();
        this.operations = module.add("proc_operations", this);
    }

    /** Adds a file. A kernel's constructor adds its files in a fixed order. */
    public void add(ProcFile file) {
        files.add(file);
        addresses.add(module.add("proc_" + file.name(), file));
    }

    /** Adds a file {@code /proc/PID/NAME}, of which the data is the pid. A kernel's constructor. */
    void addOfTasks(String name, FileOperations ofFile) {
        ofTasks.put(name, module.add("proc_pid_" + name, ofFile));
    }

    /** Returns the text address of the operations of {@code /proc/PID/NAME}; 0 if there is no such name. */
    long ofTasks(String name) {
        return ofTasks.getOrDefault(name, 0L);
    }

    /** The names of the files of each task, sorted. */
    Set<String> namesOfTasks() {
        return ofTasks.keySet();
    }

    /** Returns whether a name under {@code /proc} is the pid of a task. */
    boolean isTask(String name) {
        int pid = name.equals("self") ? 0 : pid(name);
        return pid != 0 && text.at(ofTasks("stat"), ProcOperations.class).textOf(pid) != null;
    }

    /** Returns the pids of all tasks, which have directories. */
    List<Integer> pids() {
        return text.at(ofTasks("stat"), PidStat.class).pids();
    }

    /** Returns the pid that a name under {@code /proc} stands for: digits or {@code self}; 0 for other names. */
    int pid(String name) {
        return name.equals("self") ? TaskLayout.PID.get(memory, cpu.tp())
                : name.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(name) : 0;
    }

    /** The files that drivers have made. */
    public ProcEntries entries() {
        return entries;
    }

    /** Lists all files, sorted by name. Any context. */
    public List<ProcEntries.Node> nodes() {
        return withEntries(entries.nodes());
    }

    /** Lists the names of all files, sorted, in a view that stands still. */
    public List<String> names(ReadableMemory view) {
        return withEntries(entries.nodes(view)).stream().map(ProcEntries.Node::name).toList();
    }

    private List<ProcEntries.Node> withEntries(List<ProcEntries.Node> made) {
        List<ProcEntries.Node> nodes = new ArrayList<>(made);
        files.forEach(file -> nodes.add(new ProcEntries.Node(file.name(), FOR_READING)));
        nodes.sort(Comparator.comparing(ProcEntries.Node::name));
        return nodes;
    }

    /** Returns the text address of a file, or 0. */
    public long find(String name) {
        for (int i = 0; i < files.size(); i++) {
            if (files.get(i).name().equals(name)) {
                return addresses.get(i);
            }
        }
        return 0;
    }

    /** Returns the file with a name, or null. Only looks. */
    public ProcFile file(String name) {
        return files.stream().filter(file -> file.name().equals(name)).findFirst().orElse(null);
    }

    /** The text address of the file operations, which are the same for all files. */
    public long operations() {
        return operations;
    }

    @Override
    String textOf(long data) {
        ProcFile file = text.at(data, ProcFile.class);
        long lock = file.lock();
        if (lock == 0) {
            return file.text(memory);
        }
        int flags = locks.lockIrqSave(lock);
        String whole = file.text(memory);
        locks.unlockIrqRestore(lock, flags);
        return whole;
    }
}
