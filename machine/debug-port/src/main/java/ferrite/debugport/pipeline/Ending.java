package ferrite.debugport.pipeline;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** The end of a connection's output, in plain text or over TLS. */
public final class Ending {

    private Ending() { }

    /**
     * Ends the output of a connection, whose input can still be drained. Returns false if the client has ended its
     * input, so that the connection can be closed instead.
     */
    public static boolean endOutput(Channel channel) {
        if (!channel.isActive() || !(channel instanceof DuplexChannel duplex) || duplex.isInputShutdown()) {
            return false;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            duplex.shutdownOutput();
        } else {
            tls.closeOutbound().addListener(sent -> endPlain(duplex, tls));
        }
        return true;
    }

    /** Ends the output after TLS has said so. The rest of the input stays encrypted, for it is only drained. */
    private static void endPlain(DuplexChannel channel, SslHandler tls) {
        if (channel.isActive()) {
            if (channel.pipeline().context(tls) != null) {
                channel.pipeline().remove(tls);
            }
            channel.shutdownOutput();
            channel.read();
        }
    }
}
