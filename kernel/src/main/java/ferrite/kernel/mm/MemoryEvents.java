package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.AllocatorEvent;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.MemoryEvent.Kind;
import ferrite.kernel.core.MemoryEvent.Source;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.log.CallSite;

/** Tells debuggers of allocations and frees. Only looks, so that listening changes no run. Any context. */
final class MemoryEvents {

    private final Tracepoint<MemoryEvent> events;
    private final Tracepoint<AllocatorEvent> steps;
    private final KernelCpu cpu;
    private final Violations violations;
    private final PageFrames frames;

    MemoryEvents(KernelBase base, PageFrames frames) {
        this.events = base.events().memory();
        this.steps = base.events().allocators();
        this.cpu = base.cpu();
        this.violations = base.violations();
        this.frames = frames;
    }

    /** Tells an event. A listener may have the machine halt in the caller's frame. */
    private void tell(MemoryEvent event) {
        events.tell(event);
        cpu.haltHere();
    }

    // ---- blocks of pages ----

    void blockAllocated(long page, int gfp, int order) {
        if (events.isOn()) {
            tellBlock(Kind.ALLOC, page, gfp, order);
        }
    }

    void blockFreed(long page, int order) {
        if (events.isOn()) {
            tellBlock(Kind.FREE, page, 0, order);
        }
    }

    void blockFailed(int gfp, int order) {
        if (events.isOn()) {
            long bytes = order < 0 || order >= Zones.MAX_ORDER ? 0 : (long) AddressSpace.PAGE_SIZE << order;
            tell(new MemoryEvent(Source.PAGE, Kind.FAIL, 0, 0, bytes, order, gfp, -1, firstZone(gfp), null,
                    CallSite.ofCaller()));
        }
    }

    private void tellBlock(Kind kind, long page, int gfp, int order) {
        long pfn = frames.memMap().pageToPfn(page);
        boolean allocates = kind == Kind.ALLOC;
        tell(new MemoryEvent(Source.PAGE, kind, frames.memMap().pageAddress(page),
                pfn << AddressSpace.PAGE_SHIFT, (long) AddressSpace.PAGE_SIZE << order, order, gfp,
                allocates ? frames.zones().zoneOf(violations.peek(), pfn) : -1, allocates ? firstZone(gfp) : -1, null,
                CallSite.ofCaller()));
    }

    /** Returns the highest zone with pages that the flags allow. */
    private int firstZone(int gfp) {
        ReadableMemory peek = violations.peek();
        int zone = Zones.highest(gfp);
        while (zone > Zones.DMA && frames.zones().managed(peek, zone) == 0) {
            zone--;
        }
        return zone;
    }

    // ---- slabs ----

    /** Tells of a new slab, and returns it. */
    long slabMade(long cache, long slab) {
        if (steps.isOn()) {
            tellSlab(AllocatorEvent.Kind.NEW_SLAB, cache, slab);
        }
        return slab;
    }

    void slabFreed(long cache, long slab) {
        if (steps.isOn()) {
            tellSlab(AllocatorEvent.Kind.SLAB_FREED, cache, slab);
        }
    }

    private void tellSlab(AllocatorEvent.Kind kind, long cache, long slab) {
        int order = KmemCacheLayout.ORDER.get(violations.peek(), cache);
        steps.tell(new AllocatorEvent(kind, frames.memMap().pageToPfn(slab) << AddressSpace.PAGE_SHIFT, order, order,
                KmemCacheLayout.NAME.get(violations.peek(), cache)));
    }

    // ---- slab objects ----

    /** Tells the end of an allocation; the object is 0 if it failed. */
    void objectAllocated(long cache, long object, int gfp, int requested) {
        if (events.isOn()) {
            tellObject(object == 0 ? Kind.FAIL : Kind.ALLOC, cache, object, gfp, requested);
        }
    }

    /** Tells whether a free of an object has a listener. */
    boolean tellsFrees() {
        return events.isOn();
    }

    void objectFreed(long cache, long object) {
        if (events.isOn()) {
            tellObject(Kind.FREE, cache, object, 0, KmemCacheLayout.OBJECT_SIZE.get(violations.peek(), cache));
        }
    }

    private void tellObject(Kind kind, long cache, long object, int gfp, int bytes) {
        tell(new MemoryEvent(Source.SLAB, kind, object, 0, bytes, 0, gfp, -1, -1,
                KmemCacheLayout.NAME.get(violations.peek(), cache), CallSite.ofCaller()));
    }

    // ---- vmalloc areas ----

    /** Tells the end of an allocation; the address is 0 if it failed. */
    void areaAllocated(long va, long bytes, int gfp) {
        if (events.isOn()) {
            tellArea(va == 0 ? Kind.FAIL : Kind.ALLOC, va, bytes, gfp);
        }
    }

    void areaFreed(long area) {
        if (events.isOn()) {
            ReadableMemory peek = violations.peek();
            tellArea(Kind.FREE, VmapAreaLayout.START.get(peek, area),
                    (long) VmapAreaLayout.PAGES.get(peek, area) * AddressSpace.PAGE_SIZE, 0);
        }
    }

    private void tellArea(Kind kind, long va, long bytes, int gfp) {
        tell(new MemoryEvent(Source.VMALLOC, kind, va, 0, bytes, 0, gfp, -1, -1, null, CallSite.ofCaller()));
    }
}
