package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.KernelLog;

/**
 * Linux's {@code warn_alloc}: writes a failed allocation to the kernel log, with the task, the request, and the state
 * of the zones. Any context.
 */
public final class AllocationFailure {

    private static final int KB_PER_PAGE = AddressSpace.PAGE_SIZE / 1024;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final KernelLog log;
    private final Zones zones;

    AllocationFailure(KernelBase base, Zones zones) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.log = base.log();
        this.zones = zones;
    }

    void report(int gfp, int order, PageSets pageSets) {
        String comm = TaskLayout.COMM.get(memory, cpu.tp());
        log.print(comm + ": page allocation failure: order:" + order + ", mode:0x" + Integer.toHexString(gfp)
                + "(" + Gfp.names(gfp) + "), nodemask=(null)");
        log.print("CPU: " + cpu.hartId() + " PID: " + TaskLayout.PID.get(memory, cpu.tp()) + " Comm: " + comm);
        log.print("Call Trace:");
        log.print(" " + CallSite.ofCaller());
        log.print("Mem-Info:");
        long free = 0;
        long cached = 0;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            free += zones.free(memory, zone);
            cached += pageSets.count(memory, zone);
        }
        log.print(" free:" + free + " free_pcp:" + cached + " free_cma:0");
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.managed(memory, zone) > 0) {
                zone(zone, pageSets);
            }
        }
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.managed(memory, zone) > 0) {
                blocks(zone);
            }
        }
        totals();
    }

    /** {@code show_free_areas}. */
    private void zone(int zone, PageSets pageSets) {
        long record = zones.record(zone);
        log.print(Zones.name(zone) + " free:" + kb(zones.free(memory, zone))
                + " boost:0kB min:" + kb(ZoneLayout.WATERMARK_MIN.get(memory, record))
                + " low:" + kb(ZoneLayout.WATERMARK_LOW.get(memory, record)) + " high:"
                + kb(ZoneLayout.WATERMARK_HIGH.get(memory, record)) + " reserved_highatomic:0KB active_anon:0kB "
                + "inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:"
                + kb(ZoneLayout.PRESENT.get(memory, record)) + " managed:" + kb(zones.managed(memory, zone))
                + " mlocked:0kB bounce:0kB free_pcp:" + kb(pageSets.count(memory, zone))
                + " local_pcp:" + kb(pageSets.count(memory, cpu.hartId(), zone)) + " free_cma:0kB");
        StringBuilder reserve = new StringBuilder("lowmem_reserve[]:");
        for (int wanted = 0; wanted < Zones.COUNT; wanted++) {
            reserve.append(' ').append(ZoneLayout.LOWMEM_RESERVE.get(memory, record, wanted));
        }
        log.print(reserve.toString());
    }

    /** Prints free blocks by order. All have the one mobility type U, unmovable. */
    private void blocks(int zone) {
        StringBuilder line = new StringBuilder(Zones.name(zone)).append(": ");
        long pages = 0;
        for (int order = 0; order < Zones.MAX_ORDER; order++) {
            long blocks = zones.freeBlocks(memory, zone, order);
            line.append(blocks).append('*').append(kb(1L << order)).append(blocks > 0 ? " (U) " : " ");
            pages += blocks << order;
        }
        log.print(line.append("= ").append(kb(pages)).toString());
    }

    private void totals() {
        long present = 0;
        long managed = 0;
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            present += ZoneLayout.PRESENT.get(memory, zones.record(zone));
            managed += zones.managed(memory, zone);
        }
        log.print(present + " pages RAM");
        log.print(zones.managed(memory, Zones.HIGHMEM) + " pages HighMem/MovableOnly");
        log.print(present - managed + " pages reserved");
    }

    private static String kb(long pages) {
        return pages * KB_PER_PAGE + "kB";
    }
}
