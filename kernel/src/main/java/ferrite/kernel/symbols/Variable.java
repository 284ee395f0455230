package ferrite.kernel.symbols;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Field;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.StaticData;
import ferrite.kernel.mm.ZoneLayout;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A global variable of the kernel, as C would declare it.
 *
 * @param type  of an element, as C writes it
 * @param width bytes of an element
 * @param count number of elements: 0 if the variable is no array
 */
record Variable(String name, String type, int width, int count, long address) {

    private static final String STRUCT = "struct ";

    long bytes() {
        return (long) width * Math.max(count, 1);
    }

    /**
     * Returns the variables: the root page; the tables that it leads to, as arrays of the length that they have in this
     * machine; and every other field of the root page under the field's name.
     *
     * @param structs the layouts of all records
     * @param root    address of the root page
     */
    static Collection<Variable> all(Collection<Struct> structs, ReadableMemory view, long root) {
        Map<String, Variable> all = new LinkedHashMap<>();
        List<Variable> found = new ArrayList<>();
        found.add(new Variable("root", STRUCT + RootLayout.STRUCT.name(), RootLayout.STRUCT.size(), 0, root));
        found.add(new Variable("zones", STRUCT + ZoneLayout.STRUCT.name(), ZoneLayout.SIZE, Zones.COUNT,
                RootLayout.ZONES.at(root)));
        int frames = (int) RootLayout.FRAMES.get(view, root);
        found.add(table(RootLayout.MEM_MAP, PageLayout.SIZE, frames, view, root));
        found.add(table(RootLayout.PAGE_EXT, PageOwner.SIZE, frames, view, root));
        found.add(table(RootLayout.PER_CPU, PerCpuLayout.SIZE, RootLayout.HARTS.get(view, root), view, root));
        MemoryManager.STATIC_DATA.stream().map(data -> table(data, structs, view, root))
                .filter(table -> table.count > 1).forEach(found::add);
        found.add(table(DmaLayer.STATIC_DATA, structs, view, root));
        found.stream().filter(table -> table.address != 0).forEach(table -> all.putIfAbsent(table.name, table));
        for (Field field : RootLayout.STRUCT.fields()) {
            all.putIfAbsent(field.name(), new Variable(field.name(), field.type(), field.width(),
                    field.count() == 1 ? 0 : field.count(), field.at(root)));
        }
        return all.values();
    }

    private static Variable table(StaticData data, Collection<Struct> structs, ReadableMemory view, long root) {
        int bytes = structs.stream().filter(struct -> data.address().target().equals(STRUCT + struct.name()))
                .mapToInt(Struct::size).findFirst().orElseThrow();
        return table(data.address(), bytes, data.bytes() / bytes, view, root);
    }

    private static Variable table(Pointer pointer, int width, int count, ReadableMemory view, long root) {
        return new Variable(pointer.name(), pointer.target(), width, count, pointer.get(view, root));
    }
}
