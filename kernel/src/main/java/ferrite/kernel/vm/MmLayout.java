package ferrite.kernel.vm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.RwSemaphoreLayout;
import java.util.List;

/** {@code struct mm_struct}: the address space of a program. */
public final class MmLayout {

    public static final int SIZE = 104;

    public static final Struct STRUCT = Struct.of("mm_struct", SIZE);

    /** The linear address of its page table. */
    public static final Pointer PGD = STRUCT.pointer("pgd", 0, "void");
    /** The tasks that have it. */
    static final Word USERS = STRUCT.u32("mm_users", 4);
    /** The areas, by address. */
    static final Embedded MMAP = STRUCT.list("mmap", 8);
    public static final Word MAP_COUNT = STRUCT.u32("map_count", 16);
    /** Protects the list of areas. A page fault reads it. */
    static final Embedded MMAP_LOCK = STRUCT.embedded("mmap_lock", 20, RwSemaphoreLayout.STRUCT);
    /** Pages of the areas, and pages of memory that are mapped. */
    public static final Word TOTAL_VM = STRUCT.u32("total_vm", 44);
    public static final Word RSS = STRUCT.s32("rss", 48);
    /** The heap: {@code brk} moves its end. */
    public static final ULong START_BRK = STRUCT.ulong("start_brk", 52);
    public static final ULong BRK = STRUCT.ulong("brk", 56);
    public static final ULong START_CODE = STRUCT.ulong("start_code", 60);
    public static final ULong END_CODE = STRUCT.ulong("end_code", 64);
    public static final ULong START_STACK = STRUCT.ulong("start_stack", 68);
    /** The page with the code that returns from a signal's handler. */
    public static final ULong VDSO = STRUCT.ulong("vdso", 80);
    /** Page faults so far, and those of them that copied a page. */
    public static final Word FAULTS = STRUCT.u32("min_flt", 84);
    public static final Word COPIES = STRUCT.u32("cow_flt", 88);

    /** The addresses that a child of {@code fork} has too. */
    static final List<ULong> PLACES = List.of(START_BRK, BRK, START_CODE, END_CODE, START_STACK, VDSO);

    private MmLayout() { }
}
