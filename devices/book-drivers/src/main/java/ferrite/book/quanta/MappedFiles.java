package ferrite.book.quanta;

import static ferrite.book.quanta.ScullDevLayout.BYTES;
import static ferrite.book.quanta.ScullDevLayout.QUANTUM;
import static ferrite.book.quanta.ScullDevLayout.VMAS;

import ferrite.kernel.base.TextTable;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFaultLayout;
import ferrite.kernel.vm.VmOperations;

/**
 * The operations of devices that programs can map: quantum by quantum, each page when it is accessed first (LDD3 pages
 * 427-431 and 433). The pages belong to the device, so that a mapped device cannot be emptied.
 */
public class MappedFiles extends QuantumFiles {

    private static final int PAGE_BYTES = 4096;

    private final PageOf pages;
    private final long areas;

    /** @param name of the driver */
    public MappedFiles(QuantumDriver driver, TextTable.Module text, String name, PageOf pages) {
        super(driver);
        this.pages = pages;
        this.areas = text.add(name + "_vm_ops", new Areas());
    }

    /** The kernel calls no {@code open} for the first area of a mapping, so this counts it. */
    @Override
    public int mmap(long file, long area) {
        long dev = dev(file);
        return quanta.locked(dev, () -> {
            VmAreaLayout.VM_OPS.set(memory, area, areas);
            VmAreaLayout.VM_PRIVATE_DATA.set(memory, area, dev);
            kernel.atomicInc(VMAS.at(dev));
            return 0;
        });
    }

    /** The operations of an area. */
    private final class Areas implements VmOperations {

        @Override
        public void open(long area) {
            kernel.atomicInc(VMAS.at(VmAreaLayout.VM_PRIVATE_DATA.get(memory, area)));
        }

        @Override
        public void close(long area) {
            kernel.atomicDec(VMAS.at(VmAreaLayout.VM_PRIVATE_DATA.get(memory, area)));
        }

        /**
         * Finds a page. Unlike the book's, it takes no mutex: {@code read} holds it while it copies to a program, and
         * that copy may come here. Nothing is freed while there is an area, and a pointer is set in one step.
         */
        @Override
        public int fault(long area, long fault) {
            long dev = VmAreaLayout.VM_PRIVATE_DATA.get(memory, area);
            long position = VmFaultLayout.PGOFF.get(memory, fault) * PAGE_BYTES;
            long quantum = position >= BYTES.get(memory, dev) ? 0 : quanta.quantumAt(dev, position);
            if (quantum == 0) {
                return VM_FAULT_SIGBUS;          // a gap, or past the end
            }
            long page = pages.find(quantum, position % QUANTUM.get(memory, dev));
            kernel.getPage(page);
            VmFaultLayout.PAGE.set(memory, fault, page);
            return FAULT_PAGE;
        }
    }
}
