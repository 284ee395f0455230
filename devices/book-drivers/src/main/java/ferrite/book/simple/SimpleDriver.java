package ferrite.book.simple;

import ferrite.book.base.DeviceFiles;
import ferrite.book.base.DeviceFilesLayout;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFaultLayout;
import ferrite.kernel.vm.VmOperations;
import java.util.List;

/**
 * {@code simple}: two devices through which a program sees physical memory, at the file's offset. {@code simpler} maps
 * all of an area at once, with remap_pfn_range (LDD3 page 426). {@code simplen} maps each page when it is accessed
 * (page 429, where fault is nopage). Like {@code /dev/mem}, they show everything, and are for the superuser only.
 */
public final class SimpleDriver implements Driver {

    private static final int PAGE_SHIFT = 12;
    private static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    private static final List<String> NAMES = List.of("simpler", "simplen");

    private KernelCalls kernel;
    private KernelMemory memory;
    private DeviceFiles files;
    private StaticPointer simple;
    private long remapAreas;
    private long faultAreas;
    private long[] operations;

    @Override
    public String name() {
        return "simple";
    }

    @Override
    public List<Struct> structs() {
        return List.of(SimpleLayout.STRUCT, DeviceFilesLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        files = new DeviceFiles(theKernel);
        simple = new StaticPointer(theKernel, text, "simple");
        remapAreas = text.add("simple_remap_vm_ops", new Areas());
        faultAreas = text.add("simple_nopage_vm_ops", new FaultAreas());
        operations = new long[] {text.add("simple_remap_ops", new RemapFiles()),
                text.add("simple_nopage_ops", new FaultFiles())};
    }

    @Override
    public int init() {
        long record = kernel.kzalloc(SimpleLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        simple.set(record);
        int result = files.register(SimpleLayout.FILES.at(record), name(), SimpleLayout.DEVICES);
        for (int i = 0; i < SimpleLayout.DEVICES && result == 0; i++) {
            result = files.add(SimpleLayout.FILES.at(record), SimpleLayout.CDEVS.at(record, i), operations[i],
                    NAMES.get(i));
        }
        if (result < 0) {
            exit();
        }
        return result;
    }

    @Override
    public void exit() {
        files.unregister(SimpleLayout.FILES.at(simple.get()));
        kernel.kfree(simple.get());
    }

    /** An area that the driver only hears of. */
    private class Areas implements VmOperations {

        @Override
        public void open(long area) {
            kernel.prInfo("Simple VMA open, virt " + hex(VmAreaLayout.VM_START.get(memory, area)) + ", phys "
                    + hex(VmAreaLayout.VM_PGOFF.get(memory, area) << PAGE_SHIFT));
        }

        @Override
        public void close(long area) {
            kernel.prInfo("Simple VMA close.");
        }

        private static String hex(long address) {
            return Long.toHexString(address);
        }
    }

    /** An area with pages that are found by their faults. */
    private final class FaultAreas extends Areas {

        @Override
        public int fault(long area, long fault) {
            long pfn = VmFaultLayout.PGOFF.get(memory, fault);
            if (!kernel.pfnValid(pfn)) {
                return VM_FAULT_SIGBUS;
            }
            long page = kernel.pfnToPage(pfn);
            if (kernel.PageReserved(page)) {             // it has no reference count: the frame alone is mapped
                return kernel.remapPfnRange(area, VmFaultLayout.ADDRESS.get(memory, fault), pfn, PAGE_BYTES) < 0
                        ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
            }
            kernel.getPage(page);
            VmFaultLayout.PAGE.set(memory, fault, page);
            return FAULT_PAGE;
        }
    }

    /** The operations of simpler. */
    private final class RemapFiles implements FileOperations {

        @Override
        public int mmap(long file, long area) {
            long start = VmAreaLayout.VM_START.get(memory, area);
            if (kernel.remapPfnRange(area, start, VmAreaLayout.VM_PGOFF.get(memory, area),
                    VmAreaLayout.VM_END.get(memory, area) - start) < 0) {
                return -Errno.EAGAIN;
            }
            VmAreaLayout.VM_OPS.set(memory, area, remapAreas);
            return 0;
        }
    }

    /** The operations of simplen. */
    private final class FaultFiles implements FileOperations {

        @Override
        public int mmap(long file, long area) {
            VmAreaLayout.VM_OPS.set(memory, area, faultAreas);
            return 0;
        }
    }
}
