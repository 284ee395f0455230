package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The files of {@code /proc}, and a task's operations on them. Opening a file makes its text first and allocates memory
 * for it afterwards, so that a file about memory does not count its own text.
 */
public final class ProcFiles implements FileOperations {

    private static final int FOR_READING = 0444;

    private final KernelMemory memory;
    private final TextTable text;
    private final TextTable.Module module;
    private final BuddyAllocator pages;
    private final long operations;
    private final ProcEntries entries;
    private final List<ProcFile> files = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();

    ProcFiles(KernelBase base, BuddyAllocator pages, ProcEntries entries) {
        this.entries = entries;
        this.memory = base.memory();
        this.text = base.text();
        this.module = text.newModule();
        this.pages = pages;
        this.operations = module.add("proc_operations", this);
    }

    /** Adds a file. A kernel's constructor adds its files in a fixed order. */
    public void add(ProcFile file) {
        files.add(file);
        addresses.add(module.add("proc_" + file.name(), file));
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
    public int open(long file) {
        ProcFile source = text.at(FileLayout.DATA.get(memory, file), ProcFile.class);
        byte[] bytes = source.text(memory).getBytes(StandardCharsets.UTF_8);
        long buffer = pages.getFreePages(Gfp.GFP_KERNEL, Kmalloc.order(bytes.length));
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        memory.write(buffer, bytes, 0, bytes.length);
        FileLayout.PRIVATE.set(memory, file, buffer);
        FileLayout.PRIVATE_2.set(memory, file, bytes.length);
        return 0;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int size = FileLayout.PRIVATE_2.get(memory, file);
        int length = (int) Math.max(0, Math.min(count, size - position));
        if (length > 0) {
            memory.copy(to, FileLayout.PRIVATE.get(memory, file) + position, length);
        }
        return length;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        return -Errno.EIO;
    }

    @Override
    public void release(long file) {
        pages.freePagesAt(FileLayout.PRIVATE.get(memory, file), Kmalloc.order(FileLayout.PRIVATE_2.get(memory, file)));
    }
}
