package ferrite.kernel.fs;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of files and character devices, for debuggers. */
public final class FsStructs {

    public static final List<Struct> ALL = List.of(
            AttributeNodeLayout.STRUCT, CdevLayout.STRUCT, ChrdevRegions.STRUCT, ClassLayout.STRUCT,
            ClassDeviceLayout.STRUCT, FileLayout.STRUCT, MiscDeviceLayout.STRUCT, PollLayout.STRUCT,
            PollTableLayout.STRUCT, PollTableLayout.ENTRY_STRUCT, PollFdLayout.STRUCT, EventPollLayout.STRUCT,
            EpollItemLayout.STRUCT, ProcEntryLayout.STRUCT, ProcOpenerLayout.STRUCT, ResourceLayout.STRUCT,
            SeqFileLayout.STRUCT, Fasync.STRUCT, DeviceAttributeLayout.STRUCT, InodeLayout.STRUCT, PipeLayout.STRUCT,
            KiocbLayout.STRUCT, KioctxLayout.STRUCT, HostOpenLayout.STRUCT);

    private FsStructs() { }
}
