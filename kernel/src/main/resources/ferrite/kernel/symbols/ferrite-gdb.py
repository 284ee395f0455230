"""GDB commands for Ferrite's mini-kernel: the contents of /proc, read from memory.

    gdb-multiarch -nx kernel.elf -ex 'source kernel.elf-gdb.py'
    (gdb) target remote :PORT
    (gdb) fe-ps
    (gdb) print $fe_current()->comm

'ferrite symbols kernel.elf' writes both files. The commands know no offsets: they read memory through the types of
kernel.elf alone, so they work on a running machine and on any image of its memory. They change nothing, and every walk
of a list ends, also if the list is damaged. Commands that mean the same as one of Linux's scripts have its name too.
"""

import gdb

MAX_RECORDS = 1 << 20
MAX_TREE_DEPTH = 64
MAX_TEXT = 120
ZONE_NAMES = ("DMA", "Normal", "HighMem")
MAP_CALLS = ("dma_map_single", "dma_map_page", "dma_map_sg")
PTE_BITS = "VRWXUGAD"
PTE_VALID, PTE_LEAF = 0x1, 0xe


# ---- reading ----

def say(line):
    """Prints a line; characters that the terminal cannot show are escaped."""
    try:
        gdb.write(line + "\n")
    except UnicodeEncodeError:
        gdb.write(line.encode("ascii", "backslashreplace").decode("ascii") + "\n")


def variable(name):
    """Returns a global variable, whatever the selected frame calls so."""
    symbol = gdb.lookup_global_symbol(name)
    if symbol is None:
        raise gdb.GdbError("no symbol '%s': load the file that 'ferrite symbols FILE' wrote, with 'file FILE'" % name)
    return symbol.value()


def constant(name):
    return int(gdb.parse_and_eval(name))


def root():
    """Returns the root page of a kernel that has booted."""
    page = variable("root")
    if int(page["magic"]) != constant("ROOT_MAGIC"):
        raise gdb.GdbError("there is no mini-kernel in memory: connect to the machine first, as in "
                           "'target remote :PORT', and let it boot")
    return page


def struct(name):
    return gdb.lookup_type("struct " + name)


def at(address, name):
    """Returns the record of a struct type at an address."""
    return gdb.Value(address).cast(struct(name).pointer()).dereference()


def offset_of(name, member):
    return int(gdb.Value(0).cast(struct(name).pointer())[member].address)


def raw(address, count):
    """Returns bytes of memory."""
    return bytes(gdb.selected_inferior().read_memory(address, count))


def word(address):
    return int(gdb.Value(address).cast(gdb.lookup_type("unsigned int").pointer()).dereference())


def listed(head, name, member):
    """Yields the records of a circular list whose nodes are a member of them."""
    offset = offset_of(name, member)
    seen = {int(head.address)}
    node = int(head["next"])
    if node == 0:                                             # the head is not initialized yet
        return
    while node not in seen and len(seen) < MAX_RECORDS:
        seen.add(node)
        yield at(node - offset, name)
        node = int(at(node, "list_head")["next"])
    if node != int(head.address):
        say("(the list is damaged: it does not lead back to its head)")


def text(pointer):
    """Returns the string at a pointer; '?' for a null pointer."""
    characters = []
    for index in range(MAX_TEXT if int(pointer) != 0 else 0):
        code = int(pointer[index])
        if code == 0:
            break
        characters.append(chr(code))
    return "".join(characters) if int(pointer) != 0 else "?"


def name_in(array):
    """Returns the string in an array of characters."""
    codes = [int(array[index]) for index in range(array.type.range()[1] + 1)]
    return "".join(map(chr, codes[:codes.index(0)] if 0 in codes else codes))


def gfp_names(flags):
    names = []
    left = flags
    for field in gdb.lookup_type("enum gfp_flags").fields():
        if left != 0 and left & field.enumval == field.enumval:
            names.append(field.name)
            left &= ~field.enumval
    if left != 0 or not names:
        names.append("%#x" % left)
    return "|".join(names)


def page_flags(page):
    flags = int(page["flags"])
    names = [field.name[3:] for field in gdb.lookup_type("enum pageflags").fields() if flags >> field.enumval & 1]
    return names or ["tail"]


def milliseconds(ticks):
    micros = ticks * 1000000 // constant("TICKS_PER_SECOND")
    return "%d.%03d ms" % (micros // 1000, micros % 1000)


# ---- harts and tasks ----

def harts():
    return range(int(root()["harts"]))


def current_hart():
    """Returns the hart of the selected thread: the one whose task is in tp, or the one of the thread's number."""
    records = variable("per_cpu")
    thread = gdb.selected_thread()
    if thread is None:
        return 0
    try:
        tp = int(gdb.selected_frame().read_register("tp")) & 0xffffffff
        for hart in harts():
            if int(records[hart]["curr"]) == tp:
                return hart
    except gdb.error:
        pass
    hart = thread.ptid[1] - 1 if thread.ptid[1] != 0 else thread.num - 1
    return hart if hart in harts() else 0


def hart_number(value):
    hart = int(value)
    if hart not in harts():
        raise gdb.GdbError("there is no hart %d: the machine has harts 0 to %d" % (hart, len(harts()) - 1))
    return hart


def state_letter(state):
    for name, letter in (("TASK_RUNNING", "R"), ("TASK_INTERRUPTIBLE", "S"), ("TASK_UNINTERRUPTIBLE", "D"),
                         ("EXIT_ZOMBIE", "Z")):
        if state == constant(name):
            return letter
    return "X"


def show_tasks():
    """Lists the tasks, in the columns of ps."""
    say("    PID TTY      STAT   TIME COMMAND")
    for task in listed(root()["tasks"], "task_struct", "tasks"):
        seconds = int(task["sum_exec_runtime"]) // constant("TICKS_PER_SECOND")
        nice = int(task["nice"])
        state = state_letter(int(task["__state"])) + ("<" if nice < 0 else "N" if nice > 0 else " ")
        say("%7d ?        %s   %2d:%02d %s" % (int(task["pid"]), state, seconds // 60, seconds % 60,
                                             name_in(task["comm"])))


def show_log():
    """Prints the kernel log, as dmesg does."""
    log = root()["log"].dereference()
    ring = log["ring"]
    capacity = ring.type.sizeof
    written = int(log["written"])
    contents = raw(int(ring.address), capacity)
    if written < capacity:
        contents = contents[:written]
    else:
        start = written % capacity
        contents = (contents[start:] + contents[:start]).partition(b"\n")[2]
    for line in contents.decode("utf-8", "replace").splitlines():
        say(line[3:] if line[:1] == "<" and line[2:3] == ">" else line)


# ---- pages ----

def first_pfn():
    return int(root()["phys_ram_base"]) >> constant("PAGE_SHIFT")


def is_frame(pfn):
    return 0 <= pfn - first_pfn() < int(root()["frames"])


def page_of(pfn):
    return variable("mem_map")[pfn - first_pfn()]


def zone_of(pfn):
    zones = variable("zones")
    for number in (2, 1):
        if int(zones[number]["spanned_pages"]) > 0 and pfn >= int(zones[number]["zone_start_pfn"]):
            return number
    return 0


def head_of(pfn):
    """Returns the first frame of the block that a frame is in, or None if the records are damaged."""
    for order in range(constant("MAX_ORDER")):
        head = pfn >> order << order
        if not is_frame(head):
            return None
        flags = page_flags(page_of(head))
        if "reserved" in flags:
            return head if order == 0 or head == pfn else None
        if flags != ["tail"]:
            return head if int(page_of(head)["order"]) >= order else None
    return None


def owner_records(pfn):
    """Returns the records of the allocation and of the free of a block, or None if owners are not recorded."""
    table = root()["page_ext"]
    if int(table) == 0:
        return None
    record = table[pfn - first_pfn()]
    return record["allocated"], record["freed"]


def show_zones():
    """Shows the memory zones, with the lines that /proc/zoneinfo begins each zone with."""
    root()
    zones = variable("zones")
    for number, name in enumerate(ZONE_NAMES):
        zone = zones[number]
        say("Node 0, zone %8s" % name)
        for label, member in (("free     ", "nr_free_pages"), (None, None), ("min      ", "_watermark_min"),
                              ("low      ", "_watermark_low"), ("high     ", "_watermark_high"),
                              ("spanned  ", "spanned_pages"), ("present  ", "present_pages"),
                              ("managed  ", "managed_pages")):
            if label is None:
                say("        boost    0")
            else:
                say("%s%s%d" % ("  pages " if member == "nr_free_pages" else "        ", label, int(zone[member])))
        say("        cma      0")
        say("        protection: (%s)" % ", ".join(str(int(zone["lowmem_reserve"][i])) for i in range(3)))


def show_page_owner(pfn=None):
    """Lists the allocated blocks of pages with their owners, in the form of Linux's /sys/kernel/debug/page_owner.

Usage: fe-page-owner [[--pfn] PFN]

With a frame number, shows the block of that frame, and the task that freed it last.
The machine records owners unless it runs with --owners off."""
    if int(root()["page_ext"]) == 0:
        raise gdb.GdbError("the machine does not record owners: it runs with --owners off")
    if pfn is not None:
        show_owner_of(number(pfn))
        return
    frames = int(root()["frames"])
    size = struct("page").sizeof
    flags_at, order_at = offset_of("page", "flags"), offset_of("page", "order")
    head = 1 << bits("pageflags", "PG_head")
    table = raw(int(root()["mem_map"]), frames * size)
    index = 0
    while index < frames:
        flags = int.from_bytes(table[index * size + flags_at:index * size + flags_at + 4], "little")
        order = int.from_bytes(table[index * size + order_at:index * size + order_at + 4], "little")
        if flags & head:
            show_block(index + first_pfn())
        index += 1 << order if flags & head and order < constant("MAX_ORDER") else 1


def bits(enumeration, name):
    return next(field.enumval for field in gdb.lookup_type("enum " + enumeration).fields() if field.name == name)


def show_block(pfn):
    allocated = owner_records(pfn)[0]
    if int(allocated["site"]) == 0:
        return
    gfp = int(allocated["gfp_mask"])
    say("Page allocated via order %d, mask %#x(%s), pid %d, tgid %d (%s), ts %d ns"
        % (int(allocated["order"]), gfp, gfp_names(gfp), int(allocated["pid"]), int(allocated["pid"]),
           text(allocated["comm"]), nanoseconds(allocated)))
    flags = page_of(pfn)["flags"]
    say("PFN %#x zone %s Flags %#x(%s)" % (pfn, ZONE_NAMES[zone_of(pfn)], int(flags),
                                           "|".join(page_flags(page_of(pfn)))))
    say(" " + text(allocated["site"]))
    say("")


def nanoseconds(record):
    return int(record["ts_nsec"]) * 1000000000 // constant("TICKS_PER_SECOND")


def show_owner_of(pfn):
    if not is_frame(pfn):
        raise gdb.GdbError("there is no frame %#x: RAM has frames %#x to %#x"
                           % (pfn, first_pfn(), first_pfn() + int(root()["frames"]) - 1))
    head = head_of(pfn)
    if head is None:
        say("PFN %#x: no block contains this frame: its record is damaged" % pfn)
        return
    allocated, freed = owner_records(head)
    if int(allocated["site"]) == 0:
        say("PFN %#x: the block was never allocated while owners were recorded" % pfn)
        return
    show_block(head)
    if int(freed["site"]) != 0:
        say("Page last free pid %d tgid %d (%s), ts %d ns" % (int(freed["pid"]), int(freed["pid"]),
                                                              text(freed["comm"]), nanoseconds(freed)))
        say(" " + text(freed["site"]))


# ---- lookaside caches ----

def free_in(slab):
    counters = int(slab["counters"])
    return (counters >> constant("SLAB_OBJECTS_SHIFT") & constant("SLAB_OBJECTS_MASK")) \
        - (counters & constant("SLAB_INUSE_MASK"))


def free_list(cache, first):
    """Returns the objects of a list of free objects, by address."""
    low_end = constant("PAGE_OFFSET") + (int(root()["low_frames"]) << constant("PAGE_SHIFT"))
    offset = int(cache["offset"])
    objects = []
    item = int(first)
    while constant("PAGE_OFFSET") <= item < low_end and len(objects) < constant("SLAB_OBJECTS_MASK"):
        objects.append(item)
        item = word(item + offset)
    return objects


def per_hart(cache):
    array = cache["cpu_slab"]
    return [array[hart] for hart in range(array.type.range()[1] + 1)]


def free_objects(cache):
    free = sum(free_in(slab) for slab in listed(cache["partial"], "page", "lru"))
    for mine in per_hart(cache):
        free += len(free_list(cache, mine["freelist"]))
        if int(mine["slab"]) != 0:
            free += free_in(mine["slab"].dereference())
    return free


def show_slabs():
    """Shows the lookaside caches, as /proc/slabinfo does."""
    say("slabinfo - version: 2.1")
    say("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> "
        "<batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>")
    for cache in reversed(list(listed(root()["slab_caches"], "kmem_cache", "list"))):
        slabs = int(cache["nr_slabs"])
        objects = slabs * int(cache["objects"])
        say("%-17s %6d %6d %6d %4d %4d : tunables    0    0    0 : slabdata %6d %6d %6d"
            % (name_in(cache["name"]), objects - free_objects(cache), objects, int(cache["size"]),
               int(cache["objects"]), 1 << int(cache["order"]), slabs, slabs, 0))


# ---- vmalloc ----

def areas():
    """Returns the areas of the vmalloc region, by address: the records of the tree from left to right."""
    found = []
    path = []
    node = root()["vmalloc"]["vmap_area_root"]
    while (path or int(node) != 0) and len(found) < MAX_RECORDS:
        if int(node) != 0:
            if len(path) > MAX_TREE_DEPTH:
                say("(the tree of areas is damaged: it is too deep)")
                break
            path.append(node)
            node = node["rb_left"]
        else:
            node = path.pop()
            if int(node["vm"]["size"]) != 0:
                found.append(node["vm"])
            node = node["rb_right"]
    return found


def kind_of(area):
    flags = int(area["flags"])
    return "ioremap" if flags & constant("VM_IOREMAP") else "vmalloc" if flags & constant("VM_ALLOC") else "user"


def show_vmalloc():
    """Shows the areas of vmalloc and ioremap, as /proc/vmallocinfo does."""
    for area in areas():
        start, size = int(area["addr"]), int(area["size"])
        line = "0x%08x-0x%08x %7d %s" % (start, start + size, size, text(area["caller"]))
        if int(area["nr_pages"]) != 0:
            line += " pages=%d" % int(area["nr_pages"])
        if int(area["phys_addr"]) != 0:
            line += " phys=0x%08x" % int(area["phys_addr"])
        say(line + " " + kind_of(area))


# ---- DMA ----

def show_dma(what=None):
    """Lists the ISA DMA channels that drivers have, as /proc/dma does.

Usage: fe-dma [mappings]

With 'mappings', lists the live DMA mappings of devices instead, in the form of Linux's dma-api/dump: device, call,
physical address, frame, bus address and length in hexadecimal, direction, and whether the driver has called
dma_mapping_error; then the line of source."""
    if what is not None:
        if what != "mappings":
            raise gdb.GdbError("fe-dma takes 'mappings' or no argument; 'help fe-dma' explains it")
        for entry in mappings():
            say("%s %s P=%x N=%x D=%x L=%x %s dma map error %s %s" % (
                device_name(entry["dev"]), MAP_CALLS[int(entry["type"])], int(entry["paddr"]),
                int(entry["paddr"]) >> 12, int(entry["dev_addr"]), int(entry["size"]), direction_of(entry),
                "checked" if int(entry["map_err_type"]) else "not checked", text(entry["site"])))
        return
    root()
    channels = variable("dma_channels")
    for channel in range(channels.type.range()[1] + 1):
        owner = channels[channel]["device_id"]
        if int(owner) != 0:
            say("%2d: %s" % (channel, text(owner)))


def device_name(device):
    name = device["init_name"]
    return text(name) if int(name) != 0 else "device"


def mappings():
    """Yields the records of the live DMA mappings."""
    table = root()["dma_debug"]
    if int(table) == 0 or int(table["global_disable"]) != 0:
        return
    buckets = table["hash"]
    seen = set()
    for bucket in range(buckets.type.range()[1] + 1):
        entry = buckets[bucket]
        while int(entry) != 0 and int(entry) not in seen:
            seen.add(int(entry))
            yield entry
            entry = entry["next"]


def direction_of(entry):
    number_of = int(entry["direction"])
    names = [field.name for field in gdb.lookup_type("enum dma_data_direction").fields()]
    return names[number_of] if number_of < len(names) else "direction %d" % number_of


def pool_rows(va):
    """Yields the facts of a block of a DMA pool: its place, and its owner."""
    for pool in listed(root()["dma_pools"], "dma_pool", "pools"):
        size, allocation, boundary = int(pool["size"]), int(pool["allocation"]), int(pool["boundary"])
        piece = pool["page_list"]
        seen = set()
        while int(piece) != 0 and int(piece) not in seen:
            seen.add(int(piece))
            offset = va - int(piece["vaddr"])
            if 0 <= offset < allocation:
                yield from block_rows(pool, piece, offset, size, boundary, allocation)
                return
            piece = piece["next"]


def block_rows(pool, piece, offset, size, boundary, allocation):
    each = boundary // size
    inside = offset % boundary % size
    index = offset // boundary * each + offset % boundary // size
    place = "'%s' of %s, " % (text(pool["name"]), device_name(pool["dev"]))
    if offset % boundary // size >= each:
        yield "dma pool", place + "between its blocks, at a boundary"
        return
    out = word(int(piece["bits"][index // 32].address)) >> index % 32 & 1
    yield "dma pool", place + "block at 0x%08x, bus address 0x%08x, %s%s" % (
        int(piece["vaddr"]) + offset - inside, int(piece["dma"]) + offset - inside, "allocated" if out else "free",
        "" if inside == 0 else ", byte %d of %d" % (inside, size))
    if int(root()["page_ext"]) != 0:
        blocks = allocation // boundary * each
        tracks = int(piece["bits"].address) + (blocks + 31) // 32 * 4
        track = at(tracks + index * struct("dma_track").sizeof, "dma_track")
        if int(track["site"]) != 0:
            freed = "" if out or int(track["freed"]) == 0 else "; freed at " + text(track["freed"])
            yield "block owner", "%s, task %d '%s'%s" % (text(track["site"]), int(track["pid"]),
                                                         text(track["task"]), freed)


def mapping_rows(pa):
    """Yields the live DMA mapping that a physical address is in."""
    for entry in mappings():
        start = int(entry["paddr"])
        if start <= pa < start + int(entry["size"]):
            site = "" if int(entry["site"]) == 0 else " at " + text(entry["site"])
            yield "mapped", "%d bytes at physical %s with %s for %s, at bus address %s, by %s%s of task %d '%s'" % (
                int(entry["size"]), grouped(start), direction_of(entry), device_name(entry["dev"]),
                grouped(int(entry["dev_addr"])), MAP_CALLS[int(entry["type"])], site, int(entry["pid"]),
                text(entry["task"]))
            return


# ---- an address ----

def number(expression):
    """Evaluates an argument: a number, or an expression of C with the value of one."""
    return int(gdb.parse_and_eval(expression)) & 0xffffffff


def translate(va):
    """Walks the kernel's page tables. Returns the physical address, or None, and the steps of the walk."""
    satp = int(root()["satp"])
    steps = "satp 0x%x -> [0x%x] " % (satp, va >> 22)
    first = word(linear((satp & 0x3fffff) << 12) + 4 * (va >> 22))
    if not first & PTE_VALID:
        return None, steps + "not valid"
    if first & PTE_LEAF:
        return first >> 20 << 22 | va & 0x3fffff, steps + "leaf 4 MiB, " + pte_bits(first)
    second = word(linear(first >> 10 << 12) + 4 * (va >> 12 & 0x3ff))
    steps += "-> [0x%x] " % (va >> 12 & 0x3ff)
    if not second & PTE_VALID:
        return None, steps + "not valid"
    return second >> 10 << 12 | va & 0xfff, steps + "leaf 4 KiB, " + pte_bits(second)


def linear(pa):
    return pa - int(root()["phys_ram_base"]) + constant("PAGE_OFFSET")


def pte_bits(entry):
    return " ".join(name for bit, name in enumerate(PTE_BITS) if entry >> bit & 1)


def grouped(pa):
    return "0x%04x_%04x" % (pa >> 16, pa & 0xffff)


def area_of(va, pa):
    if va < constant("PAGE_OFFSET"):
        return "user space" + ("" if pa is not None else ", not mapped; below: the frame of this physical address")
    if va < constant("VMALLOC_START"):
        return "linear map, past the end of low memory: not mapped" if pa is None \
            else "linear map of physical " + grouped(pa)
    if va < constant("VMALLOC_END"):
        return "vmalloc and ioremap" + (": not mapped" if pa is None else ", mapped to physical " + grouped(pa)
                                        + ("" if is_frame(pa >> 12) else ", a device's registers"))
    return "kmap slots, gate, or nothing: not mapped" if pa is None else "kmap and fixmap slots"


def by(site, pid, comm, hart, ticks):
    return "%s, task %d '%s', hart %d, %s" % (site, pid, comm, hart, milliseconds(ticks))


def owner_text(record):
    return by(text(record["site"]), int(record["pid"]), text(record["comm"]), int(record["cpu"]),
              int(record["ts_nsec"]))


def block_state(page):
    flags = page_flags(page)
    if "buddy" in flags:
        return "free"
    if "guard" in flags:
        return "kept free as the guard of the block before it"
    if "pcp" in flags:
        return "free, on a hart's own list"
    count = int(page["_refcount"])
    return "allocated, %d reference%s" % (count, "" if count == 1 else "s")


def last_block_of(pfn):
    """Returns the first frame of the last block that a free frame was part of, or None."""
    last, time = None, -1
    for order in range(constant("MAX_ORDER")):
        head = pfn >> order << order
        records = owner_records(head) if is_frame(head) else None
        if records is None:
            break
        allocated = records[0]
        if int(allocated["site"]) != 0 and int(allocated["order"]) >= order and int(allocated["ts_nsec"]) > time:
            last, time = head, int(allocated["ts_nsec"])
    return last


def frame_rows(pfn):
    """Yields the facts of a frame: its zone and flags, its block, and the owners."""
    page = page_of(pfn)
    yield "frame", "0x%x, zone %s, flags %s, struct page at 0x%08x" % (
        pfn, ZONE_NAMES[zone_of(pfn)], "|".join(page_flags(page)), int(page.address))
    head = head_of(pfn)
    if head is None:
        yield "block", "no block contains this frame: its record is damaged"
        return
    page = page_of(head)
    if "reserved" in page_flags(page):
        yield "block", "reserved at boot: the kernel's own tables, or never given to the page allocator"
        return
    yield "block", "order %d from frame 0x%x, %s" % (int(page["order"]), head, block_state(page))
    owned = head if "head" in page_flags(page) else last_block_of(pfn)
    records = owner_records(owned) if owned is not None else None
    if records is not None and int(records[0]["site"]) != 0:
        yield "owner", owner_text(records[0]) + ", " + gfp_names(int(records[0]["gfp_mask"]))
    if records is not None and int(records[1]["site"]) != 0:
        yield "freed", owner_text(records[1])


def slab_rows(va):
    """Yields the facts of an object of a lookaside cache: its place, and its owners."""
    low = va - constant("PAGE_OFFSET") >> 12
    if not 0 <= low < int(root()["low_frames"]):
        return
    head = head_of(low + first_pfn())
    if head is None or "slab" not in page_flags(page_of(head)):
        return
    slab = page_of(head)
    cache = slab["slab_cache"].dereference()
    start = constant("PAGE_OFFSET") + (head - first_pfn() << 12)
    objects = int(slab["counters"]) >> constant("SLAB_OBJECTS_SHIFT") & constant("SLAB_OBJECTS_MASK")
    index = (va - start) // int(cache["size"])
    place = min(index, objects - 1)
    item = start + int(cache["red_left_pad"]) + place * int(cache["size"])
    free = free_list(cache, slab["freelist"])
    for mine in per_hart(cache):
        if int(mine["slab"]) == int(slab.address):
            free += free_list(cache, mine["freelist"])
    where = "past the last of %d objects" % objects if index >= objects \
        else "object %d of %d at 0x%08x, %s%s" % (
            index, objects, item, "free" if item in free else "allocated",
            "" if va == item else ", byte %d of %d" % (va - item, int(cache["object_size"])))
    yield "slab", "%s, %s" % (name_in(cache["name"]), where)
    if int(cache["flags"]) & constant("SLAB_STORE_USER"):
        for label, number_of in (("object owner", 0), ("object freed", 1)):
            track = at(item + int(cache["track"]) + number_of * struct("track").sizeof, "track")
            if int(track["cpu"]) != 0:
                site = text(track["addr"]) + ", " if int(track["addr"]) != 0 else ""
                yield label, "%stask %d '%s', hart %d, %s, %s" % (
                    site, int(track["pid"]), text(track["comm"]), int(track["cpu"]) - 1,
                    milliseconds(int(track["when"])), gfp_names(int(track["gfp"])))


def is_in(area, va):
    start = int(area["addr"])
    return start != 0 and start <= va < start + int(area["size"])


def stack_owner(stack):
    for hart in harts():
        if int(variable("per_cpu")[hart]["irq_stack_ptr"]) == stack:
            return "the interrupt stack of hart %d" % hart
    for task in listed(root()["tasks"], "task_struct", "tasks"):
        if int(task["stack"]) == stack:
            return "the kernel stack of task %d '%s'" % (int(task["pid"]), name_in(task["comm"]))
    return "of a task that has not begun"


def vmalloc_rows(va):
    """Yields the facts of an area of vmalloc or ioremap: the present one, or the last one that was freed."""
    for area in areas():
        if is_in(area, va):
            start, guard = int(area["addr"]), int(area["addr"]) + int(area["size"]) - (1 << constant("PAGE_SHIFT"))
            yield "vm_struct", "0x%08x-0x%08x, %s%s" % (start, guard, kind_of(area),
                                                        ", in its guard page" if va >= guard else "")
            yield "made", "at %s by task %d '%s' at %s" % (text(area["caller"]), int(area["pid"]),
                                                           text(area["task"]), milliseconds(int(area["time"])))
            if int(area["flags"]) & constant("VM_KERNEL_STACK"):
                yield "stack", stack_owner(start)
            return
    state = root()["vmalloc"]
    history = state["history"]
    length = history.type.range()[1] + 1
    for back in range(1, length + 1):
        area = history[(int(state["freed"]) - back) % length]
        if is_in(area, va):
            yield "given back", "%s, at %s by task %d '%s' at %s" % (
                kind_of(area), text(area["free_caller"]), int(area["free_pid"]), text(area["free_task"]),
                milliseconds(int(area["free_time"])))
            return


def who_rows(va):
    """Yields the facts of an address, as the monitor's command who names them."""
    pa, walk = translate(va)
    yield "area", area_of(va, pa)
    yield from vmalloc_rows(va)
    if pa is not None:
        yield "physical", "0x%08x" % pa
    pfn = (va if pa is None else pa) >> 12
    if is_frame(pfn) and (pa is not None or va < constant("PAGE_OFFSET")):
        yield from frame_rows(pfn)
        yield from slab_rows(va)
        low = constant("PAGE_OFFSET") <= va < constant("VMALLOC_START")
        yield from pool_rows(va if low else linear(va if pa is None else pa))
        yield from mapping_rows(va if pa is None else pa)
    yield "table", walk


def show_who(expression):
    """Shows the owner of an address: its area, frame, block or object, the owners, and the walk of the page tables.

Usage: fe-who ADDRESS

The address is a number or an expression of C, for example fe-who 0xc0890040 or fe-who $fe_current().
The lines are those of the monitor's command who."""
    rows = list(who_rows(number(expression)))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        say("%-*s  %s" % (width, name, value))


# ---- the commands ----

class Show(gdb.Command):
    """A command that prints what a function of this file finds."""

    def __init__(self, name, show, least, most):
        self.__doc__ = show.__doc__
        self.name, self.show, self.least, self.most = name, show, least, most
        super().__init__(name, gdb.COMMAND_DATA, gdb.COMPLETE_SYMBOL if most else gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        words = argument.split()
        if self.most and words[:1] == ["--pfn"]:
            words = words[1:]
        if self.most and len(words) > 1:
            words = [" ".join(words)]
        if not self.least <= len(words) <= self.most:
            raise gdb.GdbError("%s takes %s; 'help %s' explains it"
                               % (self.name, "an address" if self.least else "no arguments", self.name))
        try:
            self.show(*words)
        except gdb.MemoryError as fault:
            raise gdb.GdbError("%s: the kernel's records are damaged, or memory cannot be read: %s"
                               % (self.name, fault))


class Current(gdb.Function):
    """Returns the task that a hart runs, a struct task_struct *.

Usage: $fe_current([HART])

Without an argument it is the hart of the selected thread.
    print $fe_current()->comm
    print $fe_current(1)->pid"""

    def invoke(self, hart=None):
        number_of = current_hart() if hart is None else hart_number(hart)
        return variable("per_cpu")[number_of]["curr"]


class PerCpu(gdb.Function):
    """Returns a hart's copy of a per-CPU variable.

Usage: $fe_per_cpu(VARIABLE [, HART])

VARIABLE is one of these:
    a string, the name of a member of struct per_cpu: returns that member;
    a string, the name of a driver's static variable (DEFINE_PER_CPU): returns the address of the copy;
    an address that alloc_percpu returned: returns the address of the copy.
Without HART it is the hart of the selected thread.
    print $fe_per_cpu("nr_running", 1)
    print *(unsigned *)$fe_per_cpu("packets", 0)"""

    def invoke(self, name, hart=None):
        number_of = current_hart() if hart is None else hart_number(hart)
        if name.type.strip_typedefs().code not in (gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_STRING):
            return self.copy(int(name) & 0xffffffff, number_of)
        wanted = name.string()
        if wanted in struct("per_cpu").keys():
            return variable("per_cpu")[number_of][wanted]
        record = root()["pcpu_statics"]
        for _ in range(MAX_RECORDS):
            if int(record) == 0:
                break
            if text(record["name"]) == wanted:
                return self.copy(int(record["variable"]), number_of)
            record = record["next"]
        raise gdb.GdbError("there is no per-CPU variable '%s': it is no member of struct per_cpu, and no driver "
                           "defines it" % wanted)

    @staticmethod
    def copy(address, hart):
        return gdb.Value(address + hart * constant("PCPU_UNIT_SIZE")).cast(gdb.lookup_type("void").pointer())


for names, function, fewest, most_words in (
        (("fe-ps", "lx-ps"), show_tasks, 0, 0),
        (("fe-dmesg", "lx-dmesg"), show_log, 0, 0),
        (("fe-slabinfo", "lx-slabinfo"), show_slabs, 0, 0),
        (("fe-zones",), show_zones, 0, 0),
        (("fe-vmallocinfo", "lx-vmallocinfo"), show_vmalloc, 0, 0),
        (("fe-page-owner", "lx-dump-page-owner"), show_page_owner, 0, 1),
        (("fe-dma",), show_dma, 0, 1),
        (("fe-who",), show_who, 1, 1)):
    for command in names:
        Show(command, function, fewest, most_words)
for prefix in ("fe_", "lx_"):
    Current(prefix + "current")
    PerCpu(prefix + "per_cpu")
